#!/bin/sh
# Index the sample articles, then ask every quote of quotes.txt: demo.sh VIDINDEX INDEX
set -eu

vidindex=$1
VIDINDEX_INDEX=$2
export VIDINDEX_INDEX
cd "$(dirname "$0")/.."
tab=$(printf '\t')

"$vidindex" add samples/pages/*.html samples/downloads

missed=0
while IFS=$tab read -r second file query note; do
    case $second in '#'*) continue ;; esac
    printf '\n> %s\n  said in %s at %s s (%s)\n\n' "$query" "${file##*/}" "$second" "$note"
    "$vidindex" search --limit 1 -- "$query" || missed=$((missed + 1))
done <samples/quotes.txt

[ "$missed" = 0 ] || { printf '\n%s quotes were not found\n' "$missed" >&2; exit 1; }
