#!/bin/sh
# What `make demo` runs: index the sample articles, then ask for what was said in their clips.
# Usage: samples/demo.sh VIDINDEX INDEX
set -eu
vidindex=$1
index=$2
samples=$(dirname "$0")

run() {
    printf '\n\033[1m$ vidindex' >&2
    printf ' %s' "$@" >&2
    printf '\033[0m\n' >&2
    "$vidindex" --index "$index" "$@"
}

rm -rf "$index"
run add "$samples"/pages/*.html "$samples/downloads"
run search 'nothing left to sing with'
run search 'I never unpacked my suitcase, I moved it from hotel to hotel'
run search 'roll slow, I am counting the lamps that I used to know' --kind performance
run search 'forty people crossed that night because a clock was wrong' --limit 1
run search '"the only warm room" AND afford'
run quotes "$samples/pages/vale-on-the-late-desk.html"
run list dead
run stats
