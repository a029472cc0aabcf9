/* The result of a run, as JSON on stdout. `Result` in __init__.py says what each field means. */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

void report_print(void);

#endif
