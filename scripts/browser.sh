#!/bin/sh
# The browser tests drive Debian's chromium with a CJK font. Installed once, when we may.
set -eu
command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "· chromium" >&2
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null
else
    echo "browser tests need chromium and a Chinese font: sudo apt-get install chromium fontconfig fonts-noto-cjk" >&2
    exit 1
fi
