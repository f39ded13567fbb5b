/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <caustic/base.h>
#include "base/ball.h"

static void
test_verdicts(void ** state)
{
    static const caustic_verdict all[3] = {CAUSTIC_PROVED, CAUSTIC_REFUTED, CAUSTIC_UNDECIDED};
    (void) state;

    assert_string_equal(caustic_verdict_name(CAUSTIC_PROVED), "PROVED");
    assert_string_equal(caustic_verdict_name(CAUSTIC_REFUTED), "REFUTED");
    assert_string_equal(caustic_verdict_name(CAUSTIC_UNDECIDED), "UNDECIDED");

    for (int i = 0; i < 3; i++)
    {
        assert_true(all[i] != 0);
        assert_int_equal(caustic_verdict_and(all[i], CAUSTIC_PROVED), all[i]);
        assert_int_equal(caustic_verdict_and(all[i], CAUSTIC_REFUTED), CAUSTIC_REFUTED);
        for (int j = 0; j < 3; j++)
            assert_int_equal(caustic_verdict_and(all[i], all[j]), caustic_verdict_and(all[j], all[i]));
    }

    assert_int_equal(caustic_verdict_and(CAUSTIC_UNDECIDED, CAUSTIC_UNDECIDED), CAUSTIC_UNDECIDED);
}

static void
print_through(caustic_text_t text, const char * format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    caustic_text_vprintf(text, format, arguments);
    va_end(arguments);
}

static void
test_text(void ** state)
{
    caustic_text_t text;
    char * taken;
    char * copy;
    (void) state;

    caustic_text_init(text);
    assert_string_equal(text->data, "");

    for (int i = 0; i < 1000; i++)
        caustic_text_printf(text, "%d,", i);
    caustic_text_append(text, "end");
    caustic_text_append_length(text, "!?", 1);
    print_through(text, "%s%d", "", 7);
    assert_string_equal(text->data + text->length - 5, "end!7");
    assert_int_equal(text->length, strlen(text->data));
    assert_non_null(strstr(text->data, ",998,999,end!7"));

    taken = caustic_text_take(text);
    assert_string_equal(text->data, "");
    copy = caustic_string_copy(taken);
    assert_string_equal(copy, taken);
    assert_null(caustic_string_copy(NULL));
    flint_free(copy);
    flint_free(taken);

    caustic_text_append(text, "again");
    caustic_text_reset(text);
    assert_string_equal(text->data, "");
    caustic_text_clear(text);
}

static void
test_errors(void ** state)
{
    caustic_error_t error;
    caustic_text_t text;
    (void) state;

    caustic_error_init(error);
    caustic_text_init(text);

    assert_int_equal(caustic_error_set(error, CAUSTIC_BAD_INPUT, "a.yaml", 3, 7, "found %s", "x"),
        CAUSTIC_BAD_INPUT);
    caustic_error_print(text, error);
    assert_string_equal(text->data, "a.yaml:3:7: found x");

    /* the file name may be the error's own */
    assert_int_equal(caustic_error_set(error, CAUSTIC_IO_ERROR, error->file, 0, 0, "gone"), CAUSTIC_IO_ERROR);
    caustic_text_reset(text);
    caustic_error_print(text, error);
    assert_string_equal(text->data, "a.yaml: gone");

    caustic_error_clear(error);
    caustic_text_clear(text);
}

static void
test_checks(void ** state)
{
    caustic_checks_t checks;
    (void) state;

    caustic_checks_init(checks);
    assert_int_equal(caustic_checks_verdict(checks), CAUSTIC_PROVED);

    for (int i = 0; i < 20; i++)
        caustic_checks_add(checks, "metric", CAUSTIC_PROVED, "%d", i);
    assert_int_equal(caustic_checks_verdict(checks), CAUSTIC_PROVED);

    caustic_checks_add(checks, "loss", CAUSTIC_UNDECIDED, "no rule");
    assert_int_equal(caustic_checks_verdict(checks), CAUSTIC_UNDECIDED);
    caustic_checks_add(checks, "section", CAUSTIC_REFUTED, "at 1");
    assert_int_equal(caustic_checks_verdict(checks), CAUSTIC_REFUTED);
    assert_string_equal(checks->entries[19].detail, "19");
    assert_int_equal(checks->length, 22);
    caustic_checks_clear(checks);
}

static void
set_interval(caustic_interval_t interval, const char * lower, const char * upper, int lower_closed, int upper_closed)
{
    caustic_interval_init(interval);
    interval->lower_infinite = lower == NULL;
    interval->upper_infinite = upper == NULL;
    if (lower != NULL)
        assert_int_equal(fmpq_set_str(interval->lower, lower, 10), 0);
    if (upper != NULL)
        assert_int_equal(fmpq_set_str(interval->upper, upper, 10), 0);
    interval->lower_closed = lower_closed;
    interval->upper_closed = upper_closed;
}

static void
test_intervals(void ** state)
{
    caustic_interval_t half_line, unit, copy;
    caustic_text_t text;
    fmpq_t x;
    arb_t ball;
    (void) state;

    set_interval(half_line, "0", NULL, 0, 0);
    set_interval(unit, "0", "1", 1, 1);
    caustic_interval_init(copy);
    caustic_text_init(text);
    fmpq_init(x);
    arb_init(ball);

    assert_true(caustic_interval_is_positive(half_line));
    assert_false(caustic_interval_is_positive(unit)); /* 0 is inside */
    assert_false(caustic_interval_is_negative(unit));
    unit->lower_closed = 0;
    assert_true(caustic_interval_is_positive(unit));
    unit->lower_closed = 1;

    assert_false(caustic_interval_contains_fmpq(half_line, x));
    assert_true(caustic_interval_contains_fmpq(unit, x));
    fmpq_set_si(x, 1, 1);
    assert_true(caustic_interval_contains_fmpq(unit, x));
    fmpq_set_si(x, 4, 3);
    assert_false(caustic_interval_contains_fmpq(unit, x));

    /* balls: the ends are exact, so 0 itself decides both ways */
    arb_zero(ball);
    assert_true(caustic_interval_contains_arb(half_line, ball) == T_FALSE);
    assert_true(caustic_interval_contains_arb(unit, ball) == T_TRUE);
    arb_set_d(ball, 0.5);
    mag_set_d(arb_radref(ball), 0.5);
    assert_true(caustic_interval_contains_arb(unit, ball) != T_FALSE);
    arb_set_d(ball, 0.5);
    mag_set_ui_2exp_si(arb_radref(ball), 1, -1);
    assert_true(caustic_interval_contains_arb(unit, ball) == T_TRUE);      /* [0, 1] exactly */
    assert_true(caustic_interval_contains_arb(half_line, ball) == T_UNKNOWN);
    arb_set_si(ball, -1);
    assert_true(caustic_interval_contains_arb(half_line, ball) == T_FALSE);
    arb_indeterminate(ball);
    assert_true(caustic_interval_contains_arb(half_line, ball) == T_UNKNOWN);
    arb_zero_pm_inf(ball);
    assert_true(caustic_interval_contains_arb(unit, ball) == T_UNKNOWN);

    caustic_interval_set(copy, half_line);
    caustic_interval_print(text, copy);
    assert_string_equal(text->data, "(0, inf)");
    caustic_text_reset(text);
    caustic_interval_print(text, unit);
    assert_string_equal(text->data, "[0, 1]");

    caustic_interval_clear(half_line);
    caustic_interval_clear(unit);
    caustic_interval_clear(copy);
    caustic_text_clear(text);
    fmpq_clear(x);
    arb_clear(ball);
}

/* The printed bound, read back exactly, must lie on the right side and within 10^(1-digits). */
static void
test_decimal_bounds(void ** state)
{
    flint_rand_t random;
    caustic_text_t text;
    arb_t x, printed, gap;
    (void) state;

    flint_rand_init(random);
    caustic_text_init(text);
    arb_init(x);
    arb_init(printed);
    arb_init(gap);

    for (int i = 0; i < 3000; i++)
    {
        slong digits = 1 + (slong) n_randint(random, 40);
        int upper = (int) n_randint(random, 2);

        arb_randtest(x, random, 1 + n_randint(random, 200), 1 + n_randint(random, 12));
        caustic_text_reset(text);
        if (upper)
            caustic_print_upper(text, x, digits);
        else
            caustic_print_lower(text, x, digits);

        assert_int_equal(arb_set_str(printed, text->data, 20000), 0);
        arb_sub(gap, upper ? printed : x, upper ? x : printed, 20000);
        assert_false(arb_is_negative(gap)); /* not certainly on the wrong side */
        if (arb_is_exact(x) && !arb_is_zero(x))
        {
            arb_t allowed;
            arb_init(allowed);
            arb_set_si(allowed, 10);
            arb_pow_ui(allowed, allowed, (ulong) digits - 1, 1000);
            arb_div(allowed, x, allowed, 1000);
            arb_abs(allowed, allowed);
            assert_false(arb_gt(gap, allowed));
            arb_clear(allowed);
        }
    }

    arb_set_str(x, "0.25", 30);
    caustic_text_reset(text);
    caustic_print_upper(text, x, 10);
    assert_string_equal(text->data, "0.25");
    arb_set_si(x, -1200);
    caustic_text_reset(text);
    caustic_print_lower(text, x, 1);
    assert_string_equal(text->data, "-2000");
    caustic_text_reset(text);
    caustic_print_upper(text, x, 1);
    assert_string_equal(text->data, "-1000");
    arb_set_str(x, "1e-31", 100);
    caustic_text_reset(text);
    caustic_print_upper(text, x, 3);
    assert_string_equal(text->data, "1.01e-31");
    arb_indeterminate(x);
    caustic_text_reset(text);
    caustic_print_upper(text, x, 3);
    assert_string_equal(text->data, "inf");
    caustic_text_reset(text);
    caustic_print_lower(text, x, 3);
    assert_string_equal(text->data, "-inf");

    flint_rand_clear(random);
    caustic_text_clear(text);
    arb_clear(x);
    arb_clear(printed);
    arb_clear(gap);
}

/* Below every number of the ball; nothing is known of what is not a number. */
static void
test_floor(void ** state)
{
    arb_t x;
    arf_t end;

    (void) state;
    arb_init(x);
    arf_init(end);
    arb_set_str(x, "0.1 +/- 0.01", 100);
    ball_floor(end, x, 10);
    assert_true(arf_cmp_d(end, 0.09) <= 0 && arf_cmp_d(end, 0.0899) > 0);
    arb_indeterminate(x);
    ball_floor(end, x, 10);
    assert_true(arf_is_neg_inf(end));
    arf_nan(arb_midref(x));
    mag_zero(arb_radref(x));
    ball_floor(end, x, 10);
    assert_true(arf_is_neg_inf(end));
    arb_clear(x);
    arf_clear(end);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_decimal_bounds),
        cmocka_unit_test(test_floor),
    };

    int failures = cmocka_run_group_tests_name("base", tests, NULL, NULL);

    flint_cleanup_master();
    return failures;
}
