#!/bin/sh
# The slow test of the outside archive runs a real Orthanc of its own. Debian's packages, installed once, when we may;
# their own service is neither started nor enabled.
set -eu
[ -x /usr/sbin/Orthanc ] && [ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "· orthanc" >&2
    POLICY=/usr/sbin/policy-rc.d
    if [ ! -e "$POLICY" ]; then
        trap 'rm -f "$POLICY"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$POLICY" && chmod +x "$POLICY"
    fi
    apt-get update -qq && apt-get install -y -qq --no-install-recommends orthanc orthanc-dicomweb >/dev/null
    if command -v systemctl >/dev/null; then systemctl disable --quiet orthanc || true; fi
else
    echo "make test-slow needs orthanc and its DICOMweb service: sudo apt-get install orthanc orthanc-dicomweb" >&2
    exit 1
fi
