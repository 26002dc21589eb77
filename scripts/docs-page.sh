#!/usr/bin/env bash
# Puts the viewer of the page at /docs (Swagger UI, from its npm package) into a folder: docs-page.sh FOLDER
set -euo pipefail

folder=${1:?the folder}
package=swagger-ui-dist@5.35.0
files='swagger-ui.css swagger-ui-bundle.js'
if [ -s "$folder/swagger-ui.css" ] && [ -s "$folder/swagger-ui-bundle.js" ]; then exit 0; fi

echo "Fetching the viewer of the API's description"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent "$package" >/dev/null)
tar -xzf "$scratch"/*.tgz -C "$scratch"
mkdir -p "$folder"
for file in $files LICENSE; do install -m 644 "$scratch/package/$file" "$folder/"; done
