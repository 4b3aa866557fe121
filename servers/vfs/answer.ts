/** How the functions that serve requests say what is to be answered. */

/** Not a status: the function has answered with more than one, or will when a pipe or a driver lets it. */
export const ANSWERED = -1000;
