#!/bin/sh
# Answers git's questions from a stored credential, for the one site it belongs to; see credentials.ts.
case "$1" in
  *"'$PIVO_ASKPASS_SITE'"* | *"'${PIVO_ASKPASS_SITE%%://*}://"*"@${PIVO_ASKPASS_SITE#*://}'"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) cat "$PIVO_ASKPASS_CREDENTIAL/username" ;;
  Password*) cat "$PIVO_ASKPASS_CREDENTIAL/token" ;;
  *) exit 1 ;;
esac
