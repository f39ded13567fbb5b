/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What derive writes, on every shipped case: each expression reads back to itself, each formula is
    LaTeX with its braces, parentheses and environments closed.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <caustic/case.h>
#include <caustic/report.h>

typedef struct
{
    caustic_pool * pool;
    slong expressions;
    slong formulas;
}
tally_struct;

/* Names are what they look like here: any symbol, with derivatives. */
static void
collect_names(caustic_name ** names, slong * length, caustic_pool * pool, const char * text)
{
    while (*text != '\0')
    {
        size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

        if (size > 0 && (text[0] < '0' || text[0] > '9') && text[size] != '(' && strncmp(text, "pi", FLINT_MAX(size, 2)) != 0)
        {
            char * name = flint_malloc(size + 1);
            slong known = 0;

            memcpy(name, text, size);
            name[size] = '\0';
            while (known < *length && strcmp((*names)[known].name, name) != 0)
                known++;
            if (known == *length)
            {
                *names = flint_realloc(*names, (size_t) (*length + 1) * sizeof(caustic_name));
                (*names)[*length].value = caustic_symbol(pool, name);
                (*names)[*length].name = caustic_expr_name(pool, (*names)[*length].value);
                (*length)++;
            }
            flint_free(name);
        }
        text += size > 0 ? size : 1;
    }
}

static void
reads_back(tally_struct * tally, const char * text)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_name * names = NULL;
    slong length = 0;
    caustic_scope scope = {NULL, 0, NULL, 1};
    caustic_error_t error;
    caustic_expr left, right;
    caustic_text_t again;
    const char * equation = strchr(text, '=');

    caustic_error_init(error);
    caustic_text_init(again);
    collect_names(&names, &length, pool, text);
    scope.names = names;
    scope.length = length;

    if (equation != NULL)
    {
        if (caustic_parse_equation(&left, &right, pool, text, &scope, NULL, error) != CAUSTIC_OK)
            fail_msg("%s: %s", text, error->message);
        caustic_expr_print(again, pool, left);
        caustic_text_append(again, " = ");
        caustic_expr_print(again, pool, right);
    }
    else
    {
        if (caustic_parse(&left, pool, text, &scope, NULL, error) != CAUSTIC_OK)
            fail_msg("%s: %s", text, error->message);
        caustic_expr_print(again, pool, left);
    }

    /* Terms may be ordered by when their symbols were first seen, so it is the second reading that must be
       the first. */
    if (strcmp(again->data, text) != 0)
    {
        caustic_expr l, r = CAUSTIC_NONE;

        if (equation != NULL)
            assert_int_equal(caustic_parse_equation(&l, &r, pool, again->data, &scope, NULL, error), CAUSTIC_OK);
        else
            assert_int_equal(caustic_parse(&l, pool, again->data, &scope, NULL, error), CAUSTIC_OK);
        assert_int_equal(l, left);
        assert_true(equation == NULL || r == right);
    }

    tally->expressions++;
    flint_free(names);
    caustic_text_clear(again);
    caustic_error_clear(error);
    caustic_pool_free(pool);
}

/* Every text below a key that holds expressions. */
static void
all_read_back(tally_struct * tally, const json_t * value)
{
    const json_t * entry;
    const char * key;
    size_t i;

    if (json_is_string(value))
        reads_back(tally, json_string_value(value));
    json_array_foreach(value, i, entry)
        all_read_back(tally, entry);
    json_object_foreach((json_t *) value, key, entry)
        if (strcmp(key, "burgers_covariant") != 0) /* in index notation */
            all_read_back(tally, entry);
}

static slong
count(const char * text, const char * what)
{
    slong times = 0;

    for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what))
        times++;
    return times;
}

static void
is_closed(tally_struct * tally, const char * latex)
{
    slong depth = 0;

    for (const char * c = latex; *c != '\0'; c++)
    {
        if (c > latex && c[-1] == '\\')
            continue;
        depth += (*c == '{') - (*c == '}');
        assert_true(depth >= 0);
    }
    assert_int_equal(depth, 0);
    assert_int_equal(count(latex, "\\left"), count(latex, "\\right"));
    assert_int_equal(count(latex, "\\begin{"), count(latex, "\\end{"));
    assert_null(strstr(latex, "*"));
    tally->formulas++;
}

static void
all_closed(tally_struct * tally, const json_t * value)
{
    const json_t * entry;
    const char * key;
    size_t i;

    if (json_is_string(value))
        is_closed(tally, json_string_value(value));
    json_array_foreach(value, i, entry)
        all_closed(tally, entry);
    json_object_foreach((json_t *) value, key, entry)
        all_closed(tally, entry);
}

static void
test_shipped_cases(void ** state)
{
    static const char * const keys[] =
    {
        "cometric", "drift", "metric", "christoffel", "weight_gradient", "ricci", "scalar_curvature", "loss", "equations"
    };
    tally_struct tally = {NULL, 0, 0};
    caustic_error_t error;
    char ** files;
    slong length;
    (void) state;

    caustic_error_init(error);
    assert_int_equal(caustic_case_list(&files, &length, "cases", error), CAUSTIC_OK);

    for (slong f = 0; f < length; f++)
    {
        caustic_case_t problem;
        caustic_run_options options;
        json_t * record, * records = json_array();
        caustic_text_t document;

        if (caustic_case_read(problem, files[f], error) != CAUSTIC_OK)
            fail_msg("%s: %s", files[f], error->message);
        caustic_run_options_init(&options);
        record = caustic_report_derive(problem, &options);

        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
        {
            const json_t * unit;
            size_t i;

            all_read_back(&tally, json_object_get(record, keys[k]));
            json_array_foreach(json_object_get(record, "units"), i, unit)
                all_read_back(&tally, json_object_get(unit, keys[k]));
        }
        all_closed(&tally, json_object_get(record, "latex"));

        json_array_append_new(records, record);
        caustic_text_init(document);
        caustic_report_write(document, records, CAUSTIC_COMMAND_DERIVE, CAUSTIC_FORMAT_LATEX, 0);
        assert_int_equal(count(document->data, "\\left"), count(document->data, "\\right"));
        assert_int_equal(count(document->data, "\\begin{"), count(document->data, "\\end{"));
        caustic_text_clear(document);

        json_decref(records);
        caustic_run_options_clear(&options);
        caustic_case_clear(problem);
    }

    print_message("%ld expressions read back, %ld formulas closed\n", (long) tally.expressions, (long) tally.formulas);
    assert_true(tally.expressions > 100 && tally.formulas > 100);
    caustic_case_list_clear(files, length);
    caustic_error_clear(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shipped_cases)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
