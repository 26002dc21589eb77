{{- define "resedge.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "resedge.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "resedge.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "resedge.selector" -}}
app.kubernetes.io/name: {{ include "resedge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "resedge.labels" -}}
{{ include "resedge.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "resedge.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{- define "resedge.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "resedge.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "resedge.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "resedge.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* The database URL as a file: it shows up in no process list and no `kubectl describe`. key: which of the Secret's. */ -}}
{{- define "resedge.databaseVolume" -}}
- name: database
  secret:
    secretName: {{ .root.Values.database.existingSecret }}
    items:
      - key: {{ .key }}
        path: url
{{- if .root.Values.database.tls.caSecret }}
- name: database-ca
  secret:
    secretName: {{ .root.Values.database.tls.caSecret }}
    items:
      - key: {{ .root.Values.database.tls.caKey }}
        path: ca.crt
{{- end }}
{{- end }}

{{- define "resedge.databaseMounts" -}}
- {name: database, mountPath: /run/secrets/database, readOnly: true}
{{- if .Values.database.tls.caSecret }}
- {name: database-ca, mountPath: /run/secrets/database-ca, readOnly: true}
{{- end }}
{{- end }}

{{- /* libpq takes from the environment what the connection string leaves open. */ -}}
{{- define "resedge.databaseEnvironment" -}}
{{- with .Values.database.tls }}
{{- if or .mode .caSecret }}
env:
  {{- with .mode }}
  - {name: PGSSLMODE, value: {{ . }}}
  {{- end }}
  {{- if .caSecret }}
  - {name: PGSSLROOTCERT, value: /run/secrets/database-ca/ca.crt}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "resedge.apiScheme" -}}
{{ ternary "https" "http" (ne .Values.api.tls.secretName "") }}
{{- end }}
