#!/bin/sh
# Packs what you hand in. Plain POSIX shell: runs with sh, dash, and the bash 3.2 of macOS.

usage() {
    cat <<'TEXT'
Usage: ./CollectSubmission.sh STUDENT-ID [--assignment NAME]

Packs your work into one archive beside this script, for eTL.

  STUDENT-ID          four digits, a hyphen, five digits, such as 2024-20001
  --assignment NAME   assignment2 (the default): STUDENT-ID.tar.gz with both notebooks and model_checkpoints/
                      hw4: STUDENT-ID.zip with the three notebooks

Notebooks are looked for beside this script, then in notebooks/. Do not clear their outputs.
Exit status: 0 packed, 1 files are missing or packing failed, 2 wrong usage.
TEXT
}

wrong_usage() {
    printf 'CollectSubmission.sh: %s\n\n' "$1" >&2
    usage >&2
    exit 2
}

fail() {
    printf 'CollectSubmission.sh: %s\n' "$1" >&2
    exit 1
}

# --- what was asked for ---

student_id=
assignment=assignment2
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --assignment)
        [ $# -gt 1 ] || wrong_usage "--assignment needs a name: assignment2 or hw4"
        assignment=$2
        shift
        ;;
    --assignment=*) assignment=${1#--assignment=} ;;
    -*) wrong_usage "unknown option $1" ;;
    *)
        [ -z "$student_id" ] || wrong_usage "one STUDENT-ID, please: got '$student_id' and '$1'"
        student_id=$1
        ;;
    esac
    shift
done

d='[0123456789]'
case $student_id in
"") wrong_usage "the STUDENT-ID is missing" ;;
$d$d$d$d-$d$d$d$d$d) ;;
*) wrong_usage "'$student_id' is no student ID: four digits, a hyphen, five digits are expected" ;;
esac

case $assignment in
assignment2)
    notebooks="Assignment2-1_RNN.ipynb Assignment2-2_Transformers.ipynb"
    archive=$student_id.tar.gz
    ;;
hw4)
    notebooks="hw4_rnn.ipynb hw4_seq2seq.ipynb hw4_vit.ipynb"
    archive=$student_id.zip
    ;;
*) wrong_usage "unknown assignment '$assignment': assignment2 or hw4 is expected" ;;
esac

# --- what is there ---

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || fail "the folder of this script cannot be entered"
cd -- "$folder" || fail "the folder of this script cannot be entered"

problems=
problem() {
    problems="$problems
  $1"
}

set --
for notebook in $notebooks; do # names without spaces, from the lists above
    found=
    for place in . notebooks; do
        if [ -f "$place/$notebook" ]; then
            if [ -n "$found" ]; then
                printf 'Note: %s is packed, not the one in notebooks/.\n' "$notebook"
            else
                found=$place
            fi
        fi
    done
    if [ -z "$found" ]; then
        problem "$notebook is missing"
    elif [ ! -s "$found/$notebook" ]; then
        problem "$notebook is empty"
    elif [ "$assignment" = hw4 ]; then
        set -- "$@" "$found/$notebook"
    else
        set -- "$@" -C "$folder/$found" "$notebook"
    fi
done
if [ "$assignment" = assignment2 ]; then
    if [ ! -d model_checkpoints ]; then
        problem "model_checkpoints/ is missing"
    elif [ -z "$(find -L model_checkpoints -type f ! -name '.*' ! -name report.md 2>/dev/null | head -n 1)" ]; then
        printf 'Note: model_checkpoints/ holds no file yet, report.md aside.\n'
    fi
    set -- "$@" -C "$folder" model_checkpoints
fi
[ -z "$problems" ] || fail "nothing was packed, for in $folder$problems"
[ ! -d "$archive" ] || fail "$archive is a folder; move it away"

# --- pack beside the final place, then rename: an archive under its final name is always whole ---

work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
work=$(mktemp -d "$folder/.packing.XXXXXX") || fail "$folder cannot be written to"

pack_tar() {
    # macOS adds ._ files unless told not to; -h stores what a link points to, as models often lie on a mounted drive
    COPYFILE_DISABLE=1 tar -czhf "$work/$archive" --exclude=.DS_Store --exclude=.gitkeep --exclude=.ipynb_checkpoints "$@"
}

pack_zip() {
    if command -v zip >/dev/null 2>&1; then
        zip -q -j "$work/$archive" "$@"
    elif command -v python3 >/dev/null 2>&1; then
        python3 -m zipfile -c "$work/$archive" "$@"
    else
        fail "neither zip nor python3 is installed, so no zip archive can be made"
    fi
}

if [ "$assignment" = hw4 ]; then pack_zip "$@"; else pack_tar "$@"; fi ||
    fail "packing failed (see above); no archive was written"
[ -s "$work/$archive" ] || fail "packing produced nothing; no archive was written"
mv -f "$work/$archive" "$folder/$archive" || fail "$archive could not be put in place"

printf 'Packed for %s: %s\n' "$assignment" "$folder/$archive"
printf '  %s\n' $notebooks
[ "$assignment" = hw4 ] || printf '  model_checkpoints/\n'
