/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Fuzz target: the language of expressions. Whatever text comes, nothing may crash, leak or hang;
    and of what is accepted the headers' promises are held to: print and parse give the same node,
    enclosures of one value overlap, the exact field agrees with the balls.
*/

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <caustic/field.h>
#include <flint/acb.h>
#include "fuzz.h"

const char * const fuzz_corpus[] =
{
    "tests/fuzz/corpus/expression", NULL
};
const char * const fuzz_dictionary = "tests/fuzz/expression.dict";

enum { SYMBOLS = 3, TEXT_LIMIT = 4096, CALCULUS_NODES = 400, FIELD_NODES = 60 };

typedef struct
{
    caustic_pool * pool;
    caustic_expr symbols[SYMBOLS]; /* x, z > 0, u_z */
    caustic_name names[SYMBOLS + 1];
    char * columns[2];
    caustic_expr entries[6];
    caustic_data data;
    caustic_scope scope;
}
language;

static void
insist(int holds, const char * promise, const language * spoken, caustic_expr e)
{
    if (!holds)
    {
        char * text = e == CAUSTIC_NONE ? NULL : caustic_expr_string(spoken->pool, e);

        fprintf(stderr, "broken promise: %s\n  %s\n", promise, text == NULL ? "" : text);
        abort();
    }
}

static void
language_init(language * spoken)
{
    static const char * const names[SYMBOLS] = {"x", "z", "u_z"};
    static const slong entries[6] = {1, 2, 2, 3, 4, -5};

    spoken->pool = caustic_pool_new();
    for (slong i = 0; i < SYMBOLS; i++)
    {
        spoken->symbols[i] = caustic_symbol(spoken->pool, names[i]);
        spoken->names[i].name = names[i];
        spoken->names[i].value = spoken->symbols[i];
    }
    caustic_symbol_assume_positive(spoken->pool, spoken->symbols[1]);
    spoken->names[SYMBOLS].name = "y";
    spoken->names[SYMBOLS].value = caustic_div(spoken->pool, caustic_integer(spoken->pool, 2),
        caustic_integer(spoken->pool, 3));

    for (slong i = 0; i < 6; i++)
        spoken->entries[i] = caustic_integer(spoken->pool, entries[i]);
    spoken->columns[0] = (char *) "t";
    spoken->columns[1] = (char *) "s";
    spoken->data.rows = 3;
    spoken->data.columns = 2;
    spoken->data.names = spoken->columns;
    spoken->data.entries = spoken->entries;

    spoken->scope.names = spoken->names;
    spoken->scope.length = SYMBOLS + 1;
    spoken->scope.data = &spoken->data;
    spoken->scope.derivatives = 1;
}

/* What is printed reads back as the same node. The reader's limits are the only excuse: a derivative
   of x^-10000 prints an exponent that may not be written. */
static void
print_and_read(language * spoken, caustic_expr e)
{
    caustic_origin origin = {"printed", 1, 1};
    char * text = caustic_expr_string(spoken->pool, e);
    caustic_expr again = CAUSTIC_NONE;
    caustic_error_t error;
    caustic_text_t latex;
    caustic_result result;

    caustic_error_init(error);
    caustic_text_init(latex);
    result = caustic_parse(&again, spoken->pool, text, &spoken->scope, &origin, error);
    if (result != CAUSTIC_OK)
    {
        int excused = error->message != NULL
            && (strstr(error->message, "limit") != NULL || strstr(error->message, "nested more than") != NULL);

        if (!excused)
            fprintf(stderr, "%s\n", error->message);
        insist(excused, "what is printed can be read", spoken, e);
    }
    else
    {
        insist(again == e, "what is printed reads back as the same node", spoken, e);
    }
    caustic_expr_latex(latex, spoken->pool, e);

    caustic_text_clear(latex);
    caustic_error_clear(error);
    flint_free(text);
}

/* A point, a ball around it, and both as complex numbers: all enclose the value at the point. */
static void
evaluate(language * spoken, caustic_expr e)
{
    static const double centres[SYMBOLS] = {-0.75, 1.5, 0.25};
    caustic_tape * tape = caustic_tape_new(spoken->pool, &e, 1, spoken->symbols, SYMBOLS);
    arb_ptr in = _arb_vec_init(SYMBOLS), values = _arb_vec_init(3);
    acb_ptr in_complex = _acb_vec_init(SYMBOLS);
    acb_t value;

    acb_init(value);
    insist(tape != NULL, "every symbol is listed", spoken, e);

    for (slong i = 0; i < SYMBOLS; i++)
    {
        arb_set_d(in + i, centres[i]);
        acb_set_arb(in_complex + i, in + i);
    }
    caustic_tape_evaluate_arb(values, tape, in, 64);
    caustic_tape_evaluate_arb(values + 1, tape, in, 200);
    caustic_tape_evaluate_acb(value, tape, in_complex, 64);
    for (slong i = 0; i < SYMBOLS; i++)
        mag_set_d(arb_radref(in + i), 0.125);
    caustic_tape_evaluate_arb(values + 2, tape, in, 64);

    if (arb_is_finite(values) && arb_is_finite(values + 1))
        insist(arb_overlaps(values, values + 1), "two precisions overlap", spoken, e);
    if (arb_is_finite(values) && arb_is_finite(values + 2))
        insist(arb_overlaps(values, values + 2), "a wide ball encloses its centre's value", spoken, e);
    insist(!arb_is_finite(values + 2) || arb_is_finite(values + 1), "defined on a ball, so at its centre", spoken, e);
    if (arb_is_finite(values) && acb_is_finite(value))
        insist(arb_overlaps(values, acb_realref(value)) && arb_contains_zero(acb_imagref(value)),
            "the continuation agrees on the reals", spoken, e);

    /* Off the axis only crashes and hangs can be seen. */
    for (slong i = 0; i < SYMBOLS; i++)
    {
        acb_set_d_d(in_complex + i, centres[i], 0.5);
        mag_set_d(arb_radref(acb_imagref(in_complex + i)), 0.25);
    }
    caustic_tape_evaluate_acb(value, tape, in_complex, 64);

    acb_clear(value);
    _acb_vec_clear(in_complex, SYMBOLS);
    _arb_vec_clear(values, 3);
    _arb_vec_clear(in, SYMBOLS);
    caustic_tape_free(tape);
}

/* The exact field's element, its expression and the tape have one value. */
static void
convert(language * spoken, caustic_expr e)
{
    caustic_interval_struct domains[SYMBOLS];
    caustic_expr back;
    caustic_tape * tape;
    arb_ptr point = _arb_vec_init(SYMBOLS), values = _arb_vec_init(3);
    gr_ctx_t ctx;
    gr_ptr x;

    for (slong i = 0; i < SYMBOLS; i++)
    {
        caustic_interval_init(domains + i);
        arb_set_si(point + i, 2 * i + 1);
        arb_div_si(point + i, point + i, i == 0 ? -4 : 4, 128); /* -1/4, 3/4, 5/4 */
    }
    domains[1].lower_infinite = 0;
    caustic_field_ctx_init(ctx, spoken->pool, spoken->symbols, domains, SYMBOLS);
    x = flint_malloc((size_t) gr_ctx_sizeof_elem(ctx));
    gr_init(x, ctx);

    if (caustic_field_set_expr(x, e, ctx) == GR_SUCCESS)
    {
        back = caustic_field_get_expr(x, ctx);
        tape = caustic_tape_new(spoken->pool, &e, 1, spoken->symbols, SYMBOLS);
        caustic_tape_evaluate_arb(values, tape, point, 128);
        caustic_field_evaluate_arb(values + 1, x, point, 128, ctx);
        caustic_tape_free(tape);
        if (back != CAUSTIC_NONE)
        {
            tape = caustic_tape_new(spoken->pool, &back, 1, spoken->symbols, SYMBOLS);
            caustic_tape_evaluate_arb(values + 2, tape, point, 128);
            caustic_tape_free(tape);
        }
        if (arb_is_finite(values) && arb_is_finite(values + 1))
            insist(arb_overlaps(values, values + 1), "the field's value is the expression's", spoken, e);
        if (back != CAUSTIC_NONE && arb_is_finite(values) && arb_is_finite(values + 2))
            insist(arb_overlaps(values, values + 2), "the field's expression has the same value", spoken, e);
        if (arb_is_finite(values) && !arb_contains_zero(values))
            insist(caustic_field_is_zero(x, NULL, ctx) != T_TRUE, "what is not 0 is not proved 0", spoken, e);
        else
            (void) !caustic_field_is_zero(x, NULL, ctx);
        (void) !caustic_field_derivative(x, x, 1, ctx);
    }

    gr_clear(x, ctx);
    flint_free(x);
    gr_ctx_clear(ctx);
    for (slong i = 0; i < SYMBOLS; i++)
        caustic_interval_clear(domains + i);
    _arb_vec_clear(values, 3);
    _arb_vec_clear(point, SYMBOLS);
}

static void
study(language * spoken, caustic_expr e)
{
    slong nodes = caustic_expr_nodes(spoken->pool, e);

    print_and_read(spoken, e);
    if (nodes > CALCULUS_NODES)
        return;

    evaluate(spoken, e);
    for (slong i = 0; i < 2; i++)
    {
        caustic_expr derivative = caustic_derivative(spoken->pool, e, spoken->symbols[i]);

        if (derivative != CAUSTIC_NONE)
        {
            print_and_read(spoken, derivative);
            evaluate(spoken, derivative);
        }
    }
    if (nodes <= FIELD_NODES)
        convert(spoken, e);
}

static void
check_refusal(caustic_result result, const caustic_error_t error)
{
    static language none;

    if (result == CAUSTIC_OK)
        return;
    insist(result == CAUSTIC_BAD_INPUT, "refused as bad input", &none, CAUSTIC_NONE);
    insist(error->message != NULL && error->message[0] != 0, "a refusal says why", &none, CAUSTIC_NONE);
    insist(error->line >= 1 && error->column >= 1, "a refusal says where", &none, CAUSTIC_NONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    caustic_origin origin = {"input", 1, 1};
    caustic_expr e = CAUSTIC_NONE, left = CAUSTIC_NONE, right = CAUSTIC_NONE;
    caustic_error_t error;
    language spoken;
    char * text;
    fmpq_t number;

    if (size > TEXT_LIMIT)
        return 0;

    text = flint_malloc(size + 1);
    memcpy(text, data, size);
    text[size] = 0;
    caustic_error_init(error);
    fmpq_init(number);
    language_init(&spoken);

    check_refusal(caustic_parse_fmpq(number, text, &origin, error), error);

    if (caustic_parse(&e, spoken.pool, text, &spoken.scope, &origin, error) == CAUSTIC_OK)
        study(&spoken, e);
    else
        check_refusal(CAUSTIC_BAD_INPUT, error);

    if (caustic_parse_equation(&left, &right, spoken.pool, text, &spoken.scope, &origin, error) == CAUSTIC_OK)
    {
        print_and_read(&spoken, left);
        print_and_read(&spoken, right);
    }
    else
    {
        check_refusal(CAUSTIC_BAD_INPUT, error);
    }

    caustic_pool_free(spoken.pool);
    fmpq_clear(number);
    caustic_error_clear(error);
    flint_free(text);
    return 0;
}
