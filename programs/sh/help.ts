/** `help`: what there is, on one screen. */
import type { TextList } from "../../lib/library/list.ts";
import { print } from "../../lib/library/output.ts";

export function help(_words: TextList): i32 {
  print`Renix shell

  commands    a b | c     a; b     a && b     a || b     ! a     a &     ( a; b )     { a; b; }
  files       < in    > out    >> append    2> errors    2>&1    << END
  words       'as it is'    "with $NAME"    \\quoted    *.txt    [a-z]?    ~    $(command)    $((1 + 2))
  variables   NAME=value    $NAME    \${NAME:-otherwise}    \${NAME%end}    $?  $$  $!  $#  $1  "$@"
  compound    if a; then b; elif c; then d; else e; fi      while a; do b; done      until a; do b; done
              for NAME in words; do a; done      case word in pattern) a;; esac      name() { a; }
  builtins    . : [ bg break cd continue echo eval exec exit export false fg help jobs kill pwd read
              return set shift test true type umask unset wait
  keys        arrows  ^A ^E begin and end  ^K ^U ^W cut  ^Y paste  ^L clear  Tab complete  ^C  ^D

Programs are in /bin. Services: service status, service crash disk null, service log.
`;
  return 0;
}
