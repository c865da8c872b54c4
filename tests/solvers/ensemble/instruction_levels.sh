#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Several instruction sets in one binary: the linker merges inline functions of the same name, so a
# function compiled for AVX-512 could end up in the path of an old processor. That cannot happen if
#   1. objects of the baseline hold no AVX register at all, objects of v3 no AVX-512 one, and
#   2. everything that objects of v3 and v4 define lies in the namespace of their level.
#
# usage: instruction_levels.sh NM OBJDUMP ARCHIVE...
nm=$1
objdump=$2
shift 2
fail=0
levels=0
for archive in "$@"; do
  wrong=$("$objdump" -d --no-show-raw-insn "$archive" | awk '
    /file format/ { level = /_v4\.cpp/ ? 4 : /_v3\.cpp/ ? 3 : 1; object = $1 }
    level < 4 && /%zmm|%k[1-7]/ || level < 3 && /%ymm/ { if (!seen[object]++) print object, $0 }')
  [ -z "$wrong" ] || { echo "$archive: instructions above the level: $wrong"; fail=1; }
  names=$("$nm" -C --defined-only "$archive" | awk '
    /^[^ ]*\.o:$/ { level = /_v4\.cpp/ ? "v4" : /_v3\.cpp/ ? "v3" : "" ; next }
    level != "" && $2 ~ /[A-Zuvw]/ && index($0, "::" level "::") == 0 { print level, $0 }')
  [ -z "$names" ] || { echo "$archive: symbols outside their level: $names"; fail=1; }
  levels=$((levels + $("$objdump" -d --no-show-raw-insn "$archive" | grep -c '%zmm')))
done
# The check itself must be able to see: there has to be AVX-512 code in the archives.
[ "$levels" -gt 0 ] || { echo "no AVX-512 code found: were the v4 objects built?"; fail=1; }
exit $fail
