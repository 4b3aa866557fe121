/**
 * What whoever starts the machine may tell the system, in `/chosen/bootargs` of the device tree (QEMU's `-append`): a
 * command to be run instead of a shell, with everything up to the end as it is.
 */

/** What the command stands behind. */
export const EXEC_ARGUMENT = "renix.exec=";
/** The system reads so many bytes of boot arguments at the most. */
export const BOOT_ARGUMENTS_MAXIMUM_BYTES = 4095;
