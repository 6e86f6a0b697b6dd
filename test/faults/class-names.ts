/** A server's name as a student may choose it: Nova accepts everything that can be printed. */
export const hostileName = `<img src=x onerror="document.title='owned'">$(touch pwned)\`touch pwned\``
