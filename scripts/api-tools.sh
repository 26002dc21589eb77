#!/usr/bin/env bash
# Puts what holds the API against its description into a folder: api-tools.sh FOLDER
# A linter of OpenAPI documents and a fuzzer that is driven by one, from PyPI, in a Python environment of their own.
set -euo pipefail

folder=${1:?the folder}
packages='openapi-spec-validator==0.9.0 schemathesis==4.32.5'
if [ -f "$folder/api/done" ] && [ "$(cat "$folder/api/done")" = "$packages" ]; then exit 0; fi

echo "Fetching a linter and a fuzzer for the API's description"
rm -rf "$folder/api"
/usr/bin/python3 -m venv "$folder/api"
# shellcheck disable=SC2086
"$folder/api/bin/python" -m pip -q --disable-pip-version-check install $packages
printf '%s' "$packages" >"$folder/api/done"
