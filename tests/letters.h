/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    For tests: expressions in any declared names. To be included after cmocka.h.
*/

#ifndef CAUSTIC_TESTS_LETTERS_H
#define CAUSTIC_TESTS_LETTERS_H

#include <caustic/expression.h>

/* A mistake in the text fails the test with its message. */
static inline caustic_expr
parse_letters(caustic_pool * pool, const char * text, const char * const * letters, slong length)
{
    caustic_name names[16];
    caustic_scope scope = {names, length, NULL, 0};
    caustic_error_t error;
    caustic_expr e = CAUSTIC_NONE;

    assert_true(length <= 16);
    for (slong i = 0; i < length; i++)
        names[i] = (caustic_name) {letters[i], caustic_symbol(pool, letters[i])};
    caustic_error_init(error);
    if (caustic_parse(&e, pool, text, &scope, NULL, error) != CAUSTIC_OK)
        fail_msg("%s: %s", text, error->message);
    caustic_error_clear(error);
    return e;
}

#endif
