/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "report_internal.h"

void
caustic_run_options_init(caustic_run_options * options)
{
    options->digits = 0;
    fmpq_init(options->tolerance);
    options->precision_limit = 100000;
    options->timings = options->viscous = options->after = 0;
}

void
caustic_run_options_clear(caustic_run_options * options)
{
    fmpq_clear(options->tolerance);
}

json_t *
json_verdict(caustic_verdict verdict)
{
    return json_string(caustic_verdict_name(verdict));
}

json_t *
json_expr(const caustic_pool * pool, caustic_expr e)
{
    char * text;
    json_t * string;

    if (e == CAUSTIC_NONE)
        return json_null();

    text = caustic_expr_string(pool, e);
    string = json_string(text);
    flint_free(text);
    return string;
}

json_t *
json_expr_vector(const caustic_pool * pool, const caustic_expr * entries, slong length)
{
    json_t * array = json_array();

    for (slong i = 0; i < length; i++)
        json_array_append_new(array, json_expr(pool, entries[i]));

    return array;
}

json_t *
json_expr_matrix(const caustic_pool * pool, const caustic_expr * entries, slong rows, slong columns)
{
    json_t * array = json_array();

    for (slong i = 0; i < rows; i++)
        json_array_append_new(array, json_expr_vector(pool, entries + i * columns, columns));

    return array;
}

json_t *
json_checks(const caustic_checks_t checks)
{
    json_t * array = json_array();

    for (slong i = 0; i < checks->length; i++)
    {
        const caustic_check_struct * check = checks->entries + i;
        json_t * object = json_object();

        json_object_set_new(object, "name", json_string(check->name));
        json_object_set_new(object, "verdict", json_verdict(check->verdict));
        json_object_set_new(object, "detail", json_string(check->detail));
        json_array_append_new(array, object);
    }

    return array;
}

void
json_set_bounds(json_t * object, const arb_t ball, slong digits)
{
    caustic_text_t text;

    caustic_text_init(text);
    caustic_print_lower(text, ball, digits);
    json_object_set_new(object, "lower", json_string(text->data));
    caustic_text_reset(text);
    caustic_print_upper(text, ball, digits);
    json_object_set_new(object, "upper", json_string(text->data));
    caustic_text_clear(text);
}

json_t *
record_new(const caustic_case_t problem)
{
    json_t * record = json_object();

    json_object_set_new(record, "case", json_string(problem->name));
    json_object_set_new(record, "architecture", json_string(problem->architecture));
    if (problem->title != NULL)
        json_object_set_new(record, "title", json_string(problem->title));

    return record;
}

void
record_conclude(json_t * record, caustic_verdict verdict, const caustic_case_t problem, caustic_command command)
{
    caustic_verdict expected = problem->expect[command];

    json_object_set_new(record, "verdict", json_verdict(verdict));

    if (expected != 0)
    {
        json_object_set_new(record, "expected", json_verdict(expected));
        json_object_set_new(record, "as_expected", json_boolean(expected == verdict));
    }
}

int
record_reduction(json_t * record, caustic_verdict * verdict, const caustic_reduction_t reduction)
{
    *verdict = caustic_checks_verdict(reduction->checks);

    for (slong i = 0; i < reduction->checks->length; i++)
    {
        const caustic_check_struct * check = reduction->checks->entries + i;

        if (check->verdict != CAUSTIC_PROVED && check->verdict == *verdict)
        {
            caustic_text_t detail;

            caustic_text_init(detail);
            caustic_text_printf(detail, "the reduction is not proved: %s: %s", check->name, check->detail);
            json_object_set_new(record, "detail", json_string(detail->data));
            caustic_text_clear(detail);
            break;
        }
    }

    return *verdict == CAUSTIC_PROVED;
}

const char *
text_of(const json_t * object, const char * key)
{
    const char * text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

caustic_verdict
caustic_report_outcome(const json_t * record)
{
    const json_t * as_expected = json_object_get(record, "as_expected");
    const char * verdict = text_of(record, "verdict");

    if (as_expected != NULL)
        return json_is_true(as_expected) ? CAUSTIC_PROVED : CAUSTIC_REFUTED;

    /* An audit has decided, whichever way. */
    if (strcmp(verdict, "HOLDS") == 0 || strcmp(verdict, "HOLDS_ON_LEAVES") == 0 || strcmp(verdict, "FAILS") == 0)
        return CAUSTIC_PROVED;

    for (caustic_verdict v = CAUSTIC_PROVED; v <= CAUSTIC_UNDECIDED; v++)
        if (strcmp(verdict, caustic_verdict_name(v)) == 0)
            return v;

    flint_throw(FLINT_ERROR, "caustic_report_outcome: a record without a verdict\n");
}
