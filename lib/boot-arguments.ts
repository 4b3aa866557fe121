/** The boot arguments, for those who read them inside: what the board says of them is all there is. */
export { BOOT_ARGUMENTS_MAXIMUM_BYTES, EXEC_ARGUMENT } from "../machine/board/boot-arguments.ts";
