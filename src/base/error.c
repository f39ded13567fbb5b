/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include <caustic/base.h>

void
caustic_error_init(caustic_error_t error)
{
    error->code = CAUSTIC_OK;
    error->file = NULL;
    error->line = 0;
    error->column = 0;
    error->message = NULL;
}

void
caustic_error_clear(caustic_error_t error)
{
    flint_free(error->file);
    flint_free(error->message);
    caustic_error_init(error);
}

caustic_result
caustic_error_set(caustic_error_t error, caustic_result code, const char * file,
    slong line, slong column, const char * format, ...)
{
    caustic_text_t message;
    va_list arguments;
    char * file_copy = caustic_string_copy(file); /* may be error->file itself */

    caustic_text_init(message);
    va_start(arguments, format);
    caustic_text_vprintf(message, format, arguments);
    va_end(arguments);

    caustic_error_clear(error);
    error->code = code;
    error->file = file_copy;
    error->line = line;
    error->column = column;
    error->message = caustic_text_take(message);
    caustic_text_clear(message);

    return code;
}

void
caustic_error_print(caustic_text_t out, const caustic_error_t error)
{
    if (error->file != NULL)
    {
        caustic_text_append(out, error->file);

        if (error->line > 0)
            caustic_text_printf(out, ":%ld", (long) error->line);
        if (error->line > 0 && error->column > 0)
            caustic_text_printf(out, ":%ld", (long) error->column);

        caustic_text_append(out, ": ");
    }

    caustic_text_append(out, error->message == NULL ? "no error" : error->message);
}
