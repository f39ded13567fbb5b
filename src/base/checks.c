/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include <caustic/base.h>

void
caustic_checks_init(caustic_checks_t checks)
{
    checks->entries = NULL;
    checks->length = 0;
    checks->capacity = 0;
}

void
caustic_checks_clear(caustic_checks_t checks)
{
    for (slong i = 0; i < checks->length; i++)
    {
        flint_free(checks->entries[i].name);
        flint_free(checks->entries[i].detail);
    }

    flint_free(checks->entries);
    caustic_checks_init(checks);
}

void
caustic_checks_add(caustic_checks_t checks, const char * name, caustic_verdict verdict,
    const char * format, ...)
{
    caustic_text_t detail;
    va_list arguments;
    caustic_check_struct * check;

    caustic_text_init(detail);
    va_start(arguments, format);
    caustic_text_vprintf(detail, format, arguments);
    va_end(arguments);

    if (checks->length == checks->capacity)
    {
        checks->capacity = 2 * checks->capacity + 4;
        checks->entries = flint_realloc(checks->entries,
            (size_t) checks->capacity * sizeof(caustic_check_struct));
    }

    check = checks->entries + checks->length++;
    check->name = caustic_string_copy(name);
    check->verdict = verdict;
    check->detail = caustic_text_take(detail);
    caustic_text_clear(detail);
}

caustic_verdict
caustic_checks_verdict(const caustic_checks_t checks)
{
    caustic_verdict verdict = CAUSTIC_PROVED;

    for (slong i = 0; i < checks->length; i++)
        verdict = caustic_verdict_and(verdict, checks->entries[i].verdict);

    return verdict;
}
