/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "residual/residual_internal.h"

/* A setting written by hand: a chain of `depth` positive weights (0: the trivial group on the line). */
typedef struct
{
    caustic_pool * pool;
    caustic_setting_t setting;
    caustic_reduction_t reduction;
    caustic_interval_t box, time;
    fmpq_t viscosity, tolerance, factor;
    caustic_residual_options options;
    caustic_residual_result_t result;
    caustic_expr given;
}
fixture;

static caustic_expr
parse(fixture * f, const char * text)
{
    caustic_name names[8];
    caustic_scope scope = {names, 0, NULL, 0};
    caustic_error_t error;
    caustic_expr result = CAUSTIC_NONE;
    slong i;

    for (i = 0; i < f->setting->parameters; i++)
    {
        names[i].value = f->setting->parameter[i];
        names[i].name = caustic_expr_name(f->pool, names[i].value);
    }
    scope.length = i;
    if (f->setting->generators > 0)
    {
        names[i].value = f->setting->coordinate[0];
        names[i].name = "z";
        scope.length = i + 1;
    }
    caustic_error_init(error);
    if (caustic_parse(&result, f->pool, text, &scope, NULL, error) != CAUSTIC_OK)
    {
        fail_msg("%s: %s", text, error->message);
    }
    caustic_error_clear(error);
    return result;
}

static void
positive(caustic_interval_t domain)
{
    domain->lower_infinite = domain->lower_closed = 0;
    fmpq_zero(domain->lower);
}

static void
closed(caustic_interval_t interval, const char * lower, const char * upper)
{
    interval->lower_infinite = interval->upper_infinite = 0;
    interval->lower_closed = interval->upper_closed = 1;
    fmpq_set_str(interval->lower, lower, 10);
    fmpq_set_str(interval->upper, upper, 10);
}

static void
fixture_init(fixture * f, slong depth, const char * loss, int loss_in_parameters)
{
    caustic_setting_struct * s = f->setting;
    caustic_expr product;
    char name[16];
    slong i, k, n = depth > 0 ? depth : 1;

    f->pool = caustic_pool_new();
    f->given = CAUSTIC_NONE;
    caustic_setting_init(f->setting, f->pool);
    caustic_setting_allocate(f->setting, n, depth > 0 ? depth - 1 : 0, 0, 1);
    if (depth == 0)
    {
        s->parameter[0] = s->coordinate[0] = s->invariant[0] = s->section[0] = caustic_symbol(f->pool, "z");
        s->inverse_metric[0] = caustic_integer(f->pool, 1);
    }
    else
    {
        product = caustic_integer(f->pool, 1);
        for (i = 0; i < n; i++)
        {
            snprintf(name, sizeof(name), "w%d", (int) i + 1);
            s->parameter[i] = caustic_symbol(f->pool, name);
            caustic_symbol_assume_positive(f->pool, s->parameter[i]);
            positive(s->parameter_domain + i);
            for (k = 0; k < n; k++)
            {
                s->inverse_metric[i * n + k] = i == k ? caustic_power_si(f->pool, s->parameter[i], 2)
                    : caustic_integer(f->pool, 0);
            }
            product = caustic_mul(f->pool, product, s->parameter[i]);
        }
        for (i = 0; i < n - 1; i++)
        {
            for (k = 0; k < n; k++)
            {
                s->generator[i * n + k] = k == i ? s->parameter[k]
                    : k == i + 1 ? caustic_neg(f->pool, s->parameter[k]) : caustic_integer(f->pool, 0);
            }
        }
        s->coordinate[0] = caustic_symbol(f->pool, "z");
        caustic_symbol_assume_positive(f->pool, s->coordinate[0]);
        positive(s->coordinate_domain);
        s->invariant[0] = product;
        for (i = 0; i < n; i++)
        {
            s->section[i] = i == n - 1 ? s->coordinate[0] : caustic_integer(f->pool, 1);
        }
    }
    s->loss = parse(f, loss);
    s->loss_in_parameters = loss_in_parameters;
    caustic_reduction_init(f->reduction, f->setting);
    caustic_interval_init(f->box);
    caustic_interval_init(f->time);
    fmpq_init(f->viscosity);
    fmpq_init(f->tolerance);
    fmpq_init(f->factor);
    fmpq_one(f->factor);
    fmpq_set_si(f->viscosity, 1, 20);
    fmpq_set_str(f->tolerance, "1/1000000000000000000000000000000", 10);
    closed(f->box, depth > 0 ? "1/2" : "-1", depth > 0 ? "3" : "1");
    closed(f->time, "1/10", "1");
    memset(&f->options, 0, sizeof(f->options));
    f->options.viscosities = 1;
    f->options.viscosity = f->viscosity;
    f->options.box = f->box;
    f->options.time = f->time;
    f->options.tolerance = f->tolerance;
    f->options.precision_limit = 4096;
    caustic_residual_result_init(f->result);
}

static void
fixture_clear(fixture * f)
{
    caustic_residual_result_clear(f->result);
    caustic_reduction_clear(f->reduction);
    caustic_setting_clear(f->setting);
    caustic_interval_clear(f->box);
    caustic_interval_clear(f->time);
    fmpq_clear(f->viscosity);
    fmpq_clear(f->tolerance);
    fmpq_clear(f->factor);
    caustic_pool_free(f->pool);
}

static void
run(fixture * f)
{
    verify_1d_planted(f->result, f->reduction, f->given, &f->options, f->factor);
}

static const caustic_residual_check *
check(const fixture * f, const char * name)
{
    slong i;

    for (i = 0; i < f->result->length; i++)
    {
        if (strcmp(f->result->entries[i].name, name) == 0)
        {
            return f->result->entries + i;
        }
    }
    fail_msg("no check %s", name);
    return NULL;
}

static void
show(const fixture * f)
{
    slong i;

    for (i = 0; i < f->result->length; i++)
    {
        printf("  %s %s [%s] %s\n", f->result->entries[i].name, caustic_verdict_name(f->result->entries[i].verdict),
            f->result->entries[i].method, f->result->entries[i].detail);
    }
    printf("  altered %d/%d: %s\n", (int) f->result->altered_refuted, (int) f->result->altered_tried,
        f->result->altered->data);
}

/* All four proved, each bound at most the tolerance, and all altered equations refuted. */
static void
expect_proved(fixture * f, slong altered)
{
    arb_t tolerance;
    slong i;

    if (f->result->verdict != CAUSTIC_PROVED || f->result->altered_tried != altered
        || f->result->altered_refuted != altered)
    {
        show(f);
        fail();
    }
    arb_init(tolerance);
    arb_set_fmpq(tolerance, f->tolerance, 64);
    assert_int_equal(f->result->length, 4);
    for (i = 0; i < 4; i++)
    {
        assert_true(arb_is_finite(f->result->entries[i].bound));
        assert_true(arb_le(f->result->entries[i].bound, tolerance));
        assert_true(fmpq_equal(f->result->entries[i].viscosity, f->viscosity));
    }
    arb_clear(tolerance);
}

static void
expect(const fixture * f, const char * name, caustic_verdict verdict)
{
    if (check(f, name)->verdict != verdict)
    {
        printf("expected %s %s\n", name, caustic_verdict_name(verdict));
        show(f);
        fail();
    }
}

static void
expect_detail(const fixture * f, const char * name, const char * part)
{
    if (strstr(check(f, name)->detail, part) == NULL)
    {
        show(f);
        fail_msg("no \"%s\" in it", part);
    }
}

/* What must be proved **************************************************************************/

static void
test_relu_neuron(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 2, "(z - 2)^2/2", 0);
    caustic_verify_1d(f.result, f.reduction, CAUSTIC_NONE, &f.options);
    expect_proved(&f, 5);
    fixture_clear(&f);
}

static void
test_given_map_and_loss_in_parameters(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 2, "(w1*w2 - 2)^2/2", 1);
    f.given = parse(&f, "log(z)/sqrt(2)");
    run(&f);
    expect_proved(&f, 5);
    fixture_clear(&f);
}

static void
test_chain_of_depth_five(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 5, "(z - 2)^2/2", 0);
    run(&f);
    expect_proved(&f, 5);
    fixture_clear(&f);
}

static void
test_logistic_loss(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 2, "softplus(-z)", 0);
    run(&f);
    expect_proved(&f, 5);
    fixture_clear(&f);
}

/* No drift to drop, so four altered equations; reduction by the trivial group. */
static void
test_double_well(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "(z^2 - 1)^2/4", 0);
    run(&f);
    expect_proved(&f, 4);
    assert_string_equal(check(&f, "reduction")->method, "trivial group");
    fixture_clear(&f);
}

/* A constant loss satisfies every altered equation but that of the initial data. */
static void
test_constant_loss(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "3/7", 0);
    run(&f);
    expect_proved(&f, 1);
    fixture_clear(&f);
    fixture_init(&f, 0, "0", 0);
    run(&f);
    expect_proved(&f, 0);
    fixture_clear(&f);
}

static void
test_several_viscosities(void ** state)
{
    fixture f;
    fmpq viscosities[2];

    (void) state;
    fixture_init(&f, 0, "cos(z)", 0);
    fmpq_init(viscosities + 0);
    fmpq_init(viscosities + 1);
    fmpq_set_si(viscosities + 0, 1, 10);
    fmpq_set_si(viscosities + 1, 1, 2);
    f.options.viscosities = 2;
    f.options.viscosity = viscosities;
    run(&f);
    assert_int_equal(f.result->length, 8);
    assert_int_equal(f.result->verdict, CAUSTIC_PROVED);
    assert_int_equal(f.result->altered_tried, 8);
    assert_int_equal(f.result->altered_refuted, 8);
    fmpq_clear(viscosities + 0);
    fmpq_clear(viscosities + 1);
    fixture_clear(&f);
}

/* Late times, where the kernel is far wider than what is left of f; times over six decades. */
static void
test_late_times(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "(z - 1)^2/2", 0);
    closed(f.time, "1/1000", "1000");
    run(&f);
    expect_proved(&f, 4);
    fixture_clear(&f);
}

/* Steep near a point, so that the bound of the initial data begins only at very small times. */
static void
test_steep_loss(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "1/(1 + 10000*z^2)", 0);
    closed(f.box, "-1/4", "1/4");
    run(&f);
    expect_proved(&f, 4);
    fixture_clear(&f);
}

/* However loose the tolerance, each altered equation is refuted; also where the solution has nearly
   levelled out. */
static void
test_teeth(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 2, "(z - 2)^2/2", 0);
    fmpq_set_si(f.tolerance, 1, 1);
    run(&f);
    expect_proved(&f, 5);
    fixture_clear(&f);
    fixture_init(&f, 0, "cos(3*z)", 0);
    fmpq_set_si(f.viscosity, 10, 1);
    closed(f.time, "1", "2");
    run(&f);
    expect_proved(&f, 4);
    fixture_clear(&f);
}

/* The working precision is found for every tolerance, and for peaks as narrow as nu = 1e-6 makes them: before the shock, across
   it, where at z = 0 two peaks weigh the same, and long after. */
static void
test_tolerances(void ** state)
{
    static const char * const times[][2] = {{"1/1000000", "1/1000"}, {"1/2", "2"}, {"1", "2"}, {"10", "1000"}};
    static const slong exponents[] = {10, 50, 100};
    fixture f;
    size_t i;

    (void) state;
    for (i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++)
    {
        fixture_init(&f, 0, "(z^2 - 1)^2/4", 0);
        fmpz_one(fmpq_numref(f.tolerance));
        fmpz_ui_pow_ui(fmpq_denref(f.tolerance), 10, (ulong) exponents[i]);
        run(&f);
        expect_proved(&f, 4);
        fixture_clear(&f);
    }
    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
    {
        fixture_init(&f, 0, "(z^2 - 1)^2/4", 0);
        fmpq_set_si(f.viscosity, 1, 1000000);
        closed(f.box, i == 2 ? "-1/100" : "-2", i == 2 ? "1/100" : "2");
        closed(f.time, times[i][0], times[i][1]);
        run(&f);
        expect_proved(&f, 4);
        fixture_clear(&f);
    }
}

/* A box that random parameters hardly ever hit. */
static void
test_narrow_box(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 5, "(z - 2)^2/2", 0);
    closed(f.box, "1000001/1000000", "1000002/1000000");
    run(&f);
    expect_proved(&f, 5);
    fixture_clear(&f);
}

/* Translations of one of two parameters: the loss does not depend on it. */
static void
test_idle_parameter(void ** state)
{
    fixture f;
    caustic_setting_struct * s;

    (void) state;
    fixture_init(&f, 0, "(z^2 - 1)^2/4", 0);
    s = f.setting;
    caustic_reduction_clear(f.reduction);
    caustic_setting_clear(s);
    caustic_setting_init(s, f.pool);
    caustic_setting_allocate(s, 2, 1, 0, 1);
    s->parameter[0] = caustic_symbol(f.pool, "p");
    s->parameter[1] = caustic_symbol(f.pool, "q");
    s->inverse_metric[0] = s->inverse_metric[3] = caustic_integer(f.pool, 1);
    s->inverse_metric[1] = s->inverse_metric[2] = caustic_integer(f.pool, 0);
    s->generator[0] = caustic_integer(f.pool, 0);
    s->generator[1] = caustic_integer(f.pool, 1);
    s->coordinate[0] = s->section[0] = caustic_symbol(f.pool, "z");
    s->section[1] = caustic_integer(f.pool, 0);
    s->invariant[0] = s->parameter[0];
    s->loss = parse(&f, "(z^2 - 1)^2/4");
    caustic_reduction_init(f.reduction, s);
    run(&f);
    expect_proved(&f, 4);
    assert_non_null(strstr(check(&f, "reduction")->method, "local entropy on parameter space"));
    fixture_clear(&f);
}

/* What must not be proved **********************************************************************/

/* exp(-l/nu) instead of exp(-l/(2 nu)), and a kernel whose loss is wrong by a millionth: the
   residuals vanish all the same, the initial data must refute it. */
static void
test_wrong_kernel_loss(void ** state)
{
    static const char * const factors[2] = {"2", "1000001/1000000"};
    slong i;

    (void) state;
    for (i = 0; i < 2; i++)
    {
        fixture f;

        fixture_init(&f, 2, "(z - 2)^2/2", 0);
        fmpq_set_str(f.factor, factors[i], 10);
        run(&f);
        expect(&f, "hamilton_jacobi_residual", CAUSTIC_PROVED);
        expect(&f, "burgers_residual", CAUSTIC_PROVED);
        expect(&f, "initial_data", CAUSTIC_REFUTED);
        expect(&f, "reduction", CAUSTIC_REFUTED);
        assert_int_equal(f.result->verdict, CAUSTIC_REFUTED);
        fixture_clear(&f);
    }
}

/* A quotient that is consistent in itself but not that of parameter space: g = 3 z^2, b = 3 z. */
static void
test_wrong_quotient(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 2, "(z - 2)^2/2", 0);
    f.reduction->cometric_expr[0] = parse(&f, "3*z^2");
    f.reduction->drift_expr[0] = parse(&f, "3*z");
    run(&f);
    expect(&f, "hamilton_jacobi_residual", CAUSTIC_PROVED);
    expect(&f, "reduction", CAUSTIC_REFUTED);
    fixture_clear(&f);
}

/* A loss on parameter space that is not the one of the quotient, by a millionth. */
static void
test_wrong_descended_loss(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 2, "(w1*w2 - 2)^2/2", 1);
    run(&f);
    expect_proved(&f, 5);
    caustic_residual_result_clear(f.result);
    caustic_residual_result_init(f.result);
    f.reduction->loss = parse(&f, "(z - 2)^2/2 + z^2/1000000");
    verify_1d_planted(f.result, f.reduction, f.given, &f.options, f.factor);
    expect(&f, "hamilton_jacobi_residual", CAUSTIC_PROVED);
    expect(&f, "reduction", CAUSTIC_REFUTED);
    fixture_clear(&f);
}

/* A wrong section: its points do not lie on the orbits they stand for. */
static void
test_wrong_section(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 2, "(z - 2)^2/2", 0);
    run(&f);
    expect_proved(&f, 5);
    caustic_residual_result_clear(f.result);
    caustic_residual_result_init(f.result);
    f.setting->section[0] = parse(&f, "1 + 1/1000000");
    verify_1d_planted(f.result, f.reduction, f.given, &f.options, f.factor);
    expect(&f, "reduction", CAUSTIC_REFUTED);
    fixture_clear(&f);
}

/* Nothing may be proved where the flattening is not. */
static void
expect_all_undecided(fixture * f)
{
    slong i;

    assert_int_equal(f->result->length, 4);
    for (i = 0; i < 4; i++)
    {
        expect(f, f->result->entries[i].name, CAUSTIC_UNDECIDED);
        assert_true(strlen(f->result->entries[i].detail) > 10);
        assert_false(arb_is_finite(f->result->entries[i].bound));
    }
    assert_int_equal(f->result->verdict, CAUSTIC_UNDECIDED);
    assert_int_equal(f->result->altered_tried, 0);
}

static void
test_wrong_drift_cometric_and_map(void ** state)
{
    static const struct { const char * cometric; const char * drift; const char * map; } wrong[] =
    {
        {"2*z^2", "2*z + 1/1000000000", NULL},
        {"2*z^2", "0", NULL},
        {"2000001/1000000*z^2", "2*z", NULL},
        {"2*z^2", "2*z", "log(z)"},
        {"2*z^2", "2*z", "log(z)/sqrt(2) + z/1000000"},
        {"z", "1/2", NULL} /* a half-line */
    };
    size_t i;

    (void) state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
    {
        fixture f;

        fixture_init(&f, 2, "(z - 2)^2/2", 0);
        f.reduction->cometric_expr[0] = parse(&f, wrong[i].cometric);
        f.reduction->drift_expr[0] = parse(&f, wrong[i].drift);
        f.given = wrong[i].map == NULL ? CAUSTIC_NONE : parse(&f, wrong[i].map);
        run(&f);
        expect_all_undecided(&f);
        fixture_clear(&f);
    }
}

static void
test_unusable_input(void ** state)
{
    static const char * const losses[2] = {"z", "-z^2"};
    slong i;

    (void) state;
    for (i = 0; i < 6; i++)
    {
        fixture f;

        fixture_init(&f, i < 2 ? 0 : 2, i < 2 ? losses[i] : "(z - 2)^2/2", 0);
        switch (i)
        {
            case 2: closed(f.box, "0", "1"); break;         /* leaves the domain */
            case 3: closed(f.time, "0", "1"); break;        /* t = 0 */
            case 4: fmpq_zero(f.tolerance); break;
            case 5: fmpq_set_si(f.viscosity, -1, 20); break;
            default: break;                                 /* no lower bound */
        }
        run(&f);
        expect_all_undecided(&f);
        fixture_clear(&f);
    }
}

/* A reduction that is not proved never gives a proved reduction check. */
static void
test_unproved_reduction(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "z^2/2", 0);
    caustic_checks_add(f.reduction->checks, "planted", CAUSTIC_UNDECIDED, "planted");
    run(&f);
    expect(&f, "reduction", CAUSTIC_UNDECIDED);
    expect(&f, "initial_data", CAUSTIC_PROVED);
    fixture_clear(&f);
}

/* A precision limit that is too low says so. */
static void
test_precision_limit(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "z^2/2", 0);
    f.options.precision_limit = 64;
    run(&f);
    expect(&f, "hamilton_jacobi_residual", CAUSTIC_UNDECIDED);
    expect(&f, "burgers_residual", CAUSTIC_UNDECIDED);
    assert_true(f.result->verdict == CAUSTIC_UNDECIDED);
    expect_detail(&f, "hamilton_jacobi_residual", "the precision limit of 64 bits is too low");
    fixture_clear(&f);
}

/* A kink is named, with its place, once; beside it, far outside the kernels' reach, it does not matter. */
static void
test_kinks(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "abs(z-1/3)", 0);
    run(&f);
    expect_proved(&f, 4);
    expect_detail(&f, "hamilton_jacobi_residual", "kinks, between which it is integrated apart, at z = 1/3");
    fixture_clear(&f);

    fixture_init(&f, 0, "abs(z+20) + z^2/2", 0);
    run(&f);
    expect_proved(&f, 4);
    fixture_clear(&f);
}

/* Boxes in which the solution is as small as exp(-50000), and exp(-10^13): bits do not grow with that. */
static void
test_far_boxes(void ** state)
{
    fixture f;

    (void) state;
    fixture_init(&f, 0, "(z-1)^2/2", 0);
    closed(f.box, "-100", "100");
    run(&f);
    expect_proved(&f, 4);
    fixture_clear(&f);

    /* poles at distance pi from a long line */
    fixture_init(&f, 0, "log(1+exp(z))", 0);
    closed(f.box, "-300", "300");
    run(&f);
    expect_proved(&f, 4);
    fixture_clear(&f);

    fixture_init(&f, 0, "z^2/2", 0);
    closed(f.box, "1000000", "1000001");
    run(&f);
    expect(&f, "hamilton_jacobi_residual", CAUSTIC_UNDECIDED);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_relu_neuron),
        cmocka_unit_test(test_given_map_and_loss_in_parameters),
        cmocka_unit_test(test_chain_of_depth_five),
        cmocka_unit_test(test_logistic_loss),
        cmocka_unit_test(test_double_well),
        cmocka_unit_test(test_constant_loss),
        cmocka_unit_test(test_several_viscosities),
        cmocka_unit_test(test_late_times),
        cmocka_unit_test(test_steep_loss),
        cmocka_unit_test(test_teeth),
        cmocka_unit_test(test_tolerances),
        cmocka_unit_test(test_narrow_box),
        cmocka_unit_test(test_idle_parameter),
        cmocka_unit_test(test_wrong_kernel_loss),
        cmocka_unit_test(test_wrong_quotient),
        cmocka_unit_test(test_wrong_descended_loss),
        cmocka_unit_test(test_wrong_section),
        cmocka_unit_test(test_wrong_drift_cometric_and_map),
        cmocka_unit_test(test_unusable_input),
        cmocka_unit_test(test_unproved_reduction),
        cmocka_unit_test(test_precision_limit),
        cmocka_unit_test(test_kinks),
        cmocka_unit_test(test_far_boxes)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
