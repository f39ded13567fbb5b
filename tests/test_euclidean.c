/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Flat quotients of several dimensions: charts, kernel sums against closed forms, and planted errors that each check
    must find.
*/

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <flint/arb_mat.h>
#include "letters.h"
#include "problem.h"
#include "residual/euclidean.h"

static caustic_expr
parse(caustic_pool * pool, const char * text)
{
    static const char * const letters[] = {"x", "y"};

    return parse_letters(pool, text, letters, 2);
}

/* Charts *************************************************************************************/

/* A plane with domain, cometric, drift, perhaps given coordinates: is it proved to be flat R^2? */
typedef struct
{
    const char * name;
    int positive;             /* both coordinates on (0, inf); else on the line */
    const char * cometric[3]; /* 11, 12, 22 */
    const char * drift[2];
    const char * given[2];    /* NULL: none */
    int proved;
}
chart_example;

static const chart_example charts[] =
{
    {"torus", 1, {"2*x^2", "x*y", "2*y^2"}, {"2*x", "2*y"}, {NULL, NULL}, 1},
    {"constant", 0, {"2", "1", "2"}, {"0", "0"}, {NULL, NULL}, 1},
    {"irrational correlation", 0, {"2", "1", "3"}, {"0", "0"}, {NULL, NULL}, 1},
    {"different lines", 1, {"2*x^2", "0", "3*y^2"}, {"2*x", "3*y"}, {NULL, NULL}, 1},
    {"wrong drift", 1, {"2*x^2", "x*y", "2*y^2"}, {"2*x", "3*y"}, {NULL, NULL}, 0},
    {"small drift", 0, {"1", "0", "1"}, {"0", "1/10^25"}, {NULL, NULL}, 0},
    {"half plane", 1, {"1", "0", "1"}, {"0", "0"}, {NULL, NULL}, 0},
    {"hyperbolic plane", 1, {"y^2", "0", "y^2"}, {"0", "0"}, {NULL, NULL}, 0},
    {"varying angle", 1, {"2*x^2", "x", "2*y^2"}, {"2*x", "2*y"}, {NULL, NULL}, 0},
    {"degenerate", 0, {"1", "1", "1"}, {"0", "0"}, {NULL, NULL}, 0},
    {"indefinite", 0, {"1", "2", "1"}, {"0", "0"}, {NULL, NULL}, 0},
    {"given", 1, {"2*x^2", "x*y", "2*y^2"}, {"2*x", "2*y"}, {"log(x*y)/sqrt(6) + 1", "log(x/y)/sqrt(2)"}, 1},
    {"given, off by 1e-25", 1, {"2*x^2", "x*y", "2*y^2"}, {"2*x", "2*y"},
        {"(1 + 1/10^25)*log(x*y)/sqrt(6)", "log(x/y)/sqrt(2)"}, 0},
    {"given twice", 1, {"2*x^2", "x*y", "2*y^2"}, {"2*x", "2*y"}, {"log(x*y)/sqrt(6)", "log(x*y)/sqrt(6)"}, 0},
    {"given, a hole", 0, {"1", "0", "1"}, {"0", "0"}, {"x + (y - y^2/y)", "y"}, 0},
    {"given, bent", 0, {"1", "0", "1"}, {"0", "0"}, {"x", "sqrt(y^2)"}, 0},
};

static void
test_charts(void ** state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(charts) / sizeof(charts[0]); i++)
    {
        const chart_example * example = charts + i;
        caustic_pool * pool = caustic_pool_new();
        caustic_expr z[2] = {caustic_symbol(pool, "x"), caustic_symbol(pool, "y")}, cometric[4], drift[2], given[2];
        caustic_interval_struct domain[2];
        caustic_chart_t chart;
        caustic_result found;

        for (slong k = 0; k < 2; k++)
        {
            caustic_interval_init(domain + k);
            if (example->positive)
            {
                domain[k].lower_infinite = domain[k].lower_closed = 0;
                fmpq_zero(domain[k].lower);
            }
            drift[k] = parse(pool, example->drift[k]);
            given[k] = example->given[k] == NULL ? CAUSTIC_NONE : parse(pool, example->given[k]);
        }
        cometric[0] = parse(pool, example->cometric[0]);
        cometric[1] = cometric[2] = parse(pool, example->cometric[1]);
        cometric[3] = parse(pool, example->cometric[2]);

        caustic_chart_init(chart, 2);
        found = caustic_chart_find(chart, pool, z, domain, cometric, drift, example->given[0] == NULL ? NULL : given, "s");
        if ((found == CAUSTIC_OK && chart->proved) != example->proved)
            fail_msg("%s: proved %d", example->name, chart->proved);
        if (chart->proved)
        {
            assert_int_equal(caustic_checks_verdict(chart->checks), CAUSTIC_PROVED);
            /* z(s(z)) = z, by balls */
            for (slong k = 0; k < 2; k++)
            {
                caustic_expr e = caustic_substitute(pool, chart->inverse[k], chart->s, chart->map, 2);
                caustic_tape * tape = caustic_tape_new(pool, &e, 1, z, 2);
                arb_ptr in = _arb_vec_init(2);
                arb_t out;

                arb_init(out);
                arb_set_d(in, 0.75);
                arb_set_d(in + 1, 2.5);
                assert_non_null(tape);
                caustic_tape_evaluate_arb(out, tape, in, 128);
                assert_true(arb_overlaps(out, in + k));
                assert_true(arb_rel_accuracy_bits(out) > 100);
                caustic_tape_free(tape);
                arb_clear(out);
                _arb_vec_clear(in, 2);
            }
        }
        else
            assert_int_not_equal(caustic_checks_verdict(chart->checks), CAUSTIC_PROVED);
        caustic_chart_clear(chart);
        for (slong k = 0; k < 2; k++)
            caustic_interval_clear(domain + k);
        caustic_pool_free(pool);
    }
}

/* Kernel sums ********************************************************************************/

/* phi for l = 1/2 y^T Q y + c . y by its closed form: with P = (1 + t Q)^-1, phi = det(P)^(1/2)
   exp(-(1/(2 nu)) (1/2 s^T Q P s + c^T P s - t/2 c^T P c)). */
static void
closed_form(arb_t res, const double q[3], const double c[2], arb_srcptr s, const arb_t t, const fmpq_t nu, slong prec)
{
    arb_mat_t Q, P, cs, ss, x, y;
    arb_t total, det;

    arb_mat_init(Q, 2, 2);
    arb_mat_init(P, 2, 2);
    arb_mat_init(cs, 2, 1);
    arb_mat_init(ss, 2, 1);
    arb_mat_init(x, 2, 1);
    arb_mat_init(y, 2, 1);
    arb_init(total);
    arb_init(det);
    for (slong i = 0; i < 2; i++)
    {
        for (slong j = 0; j < 2; j++)
            arb_set_d(arb_mat_entry(Q, i, j), q[i + j]);
        arb_set_d(arb_mat_entry(cs, i, 0), c[i]);
        arb_set(arb_mat_entry(ss, i, 0), s + i);
    }
    arb_mat_scalar_mul_arb(P, Q, t, prec);
    for (slong i = 0; i < 2; i++)
        arb_add_ui(arb_mat_entry(P, i, i), arb_mat_entry(P, i, i), 1, prec);
    arb_mat_det(det, P, prec);
    assert_true(arb_mat_inv(P, P, prec));
    arb_mat_mul(x, P, ss, prec);
    arb_mat_mul(y, Q, x, prec);
    for (slong i = 0; i < 2; i++)
        arb_addmul(total, arb_mat_entry(ss, i, 0), arb_mat_entry(y, i, 0), prec);
    arb_mul_2exp_si(total, total, -1);
    for (slong i = 0; i < 2; i++)
        arb_addmul(total, arb_mat_entry(cs, i, 0), arb_mat_entry(x, i, 0), prec);
    arb_mat_mul(y, P, cs, prec);
    for (slong i = 0; i < 2; i++)
    {
        arb_mul(arb_mat_entry(x, i, 0), arb_mat_entry(cs, i, 0), t, prec);
        arb_mul_2exp_si(arb_mat_entry(x, i, 0), arb_mat_entry(x, i, 0), -1);
        arb_submul(total, arb_mat_entry(x, i, 0), arb_mat_entry(y, i, 0), prec);
    }
    arb_mul_fmpz(total, total, fmpq_denref(nu), prec);
    arb_div_fmpz(total, total, fmpq_numref(nu), prec);
    arb_mul_2exp_si(total, total, -1);
    arb_neg(total, total);
    arb_exp(total, total, prec);
    arb_sqrt(det, det, prec);
    arb_div(res, total, det, prec);
    arb_mat_clear(Q);
    arb_mat_clear(P);
    arb_mat_clear(cs);
    arb_mat_clear(ss);
    arb_mat_clear(x);
    arb_mat_clear(y);
    arb_clear(total);
    arb_clear(det);
}

static const struct
{
    const char * loss;
    double q[3], c[2];
}
gaussians[] =
{
    {"x^2/2 + y^2/2", {1, 0, 1}, {0, 0}},
    {"(x + y)^2/2 + 3*x^2/2", {4, 1, 1}, {0, 0}},
    {"(x - 2*y)^2/2 - x/4 + y/2", {1, -2, 4}, {-0.25, 0.5}},
    {"x/2 - 3*y/4", {0, 0, 0}, {0.5, -0.75}},
};

/* Coarse sums and fine ones: the ball of each contains the closed form, so does every derivative's, and a sum that was
   cut short, or shifted by 1e-25, does not. */
static void
test_gaussians(void ** state)
{
    slong tried = 0, left = 0, moved = 0;
    (void) state;

    for (size_t g = 0; g < sizeof(gaussians) / sizeof(gaussians[0]); g++)
        for (int aim = 4; aim <= 90; aim += 43)
            for (int late = 0; late < 2; late++)
            {
                caustic_pool * pool = caustic_pool_new();
                caustic_expr symbols[2] = {caustic_symbol(pool, "x"), caustic_symbol(pool, "y")};
                caustic_space_t space;
                caustic_grid_t grid;
                caustic_text_t why;
                arb_ptr s = _arb_vec_init(2), value = _arb_vec_init(16), slope = _arb_vec_init(4);
                arb_t t, expected, h, other;
                arf_t rs, rt;
                fmpq_t nu;
                slong prec = 320;

                caustic_text_init(why);
                arb_init(t);
                arb_init(expected);
                arb_init(h);
                arb_init(other);
                arf_init(rs);
                arf_init(rt);
                fmpq_init(nu);
                fmpq_set_si(nu, 1, 20);
                arb_set_d(s, 0.375);
                arb_set_d(s + 1, -0.5);
                arb_set_d(t, late ? 1.0 : 0.0625);
                arf_set_d(rs, late ? 0.125 : 0.03125);
                arf_set_d(rt, late ? 0.125 : 0.0078125);
                assert_int_equal(caustic_space_init(space, why, pool, symbols, 2, parse(pool, gaussians[g].loss), nu), CAUSTIC_OK);
                caustic_grid_init(grid, 2);
                assert_int_equal(caustic_grid_find(grid, space, s, t, rs, rt, aim), CAUSTIC_OK);
                arb_set_d(h, exp(-aim + 12.0));
                assert_true(arb_lt(grid->error, h));
                caustic_grid_expand(value, slope, grid, space, s, t, prec);
                closed_form(expected, gaussians[g].q, gaussians[g].c, s, t, nu, prec);
                assert_true(arb_contains(value, expected));
                assert_true(arb_le(expected, grid->mass));
                tried++;

                if (aim == 90)
                {
                    /* 2 nu phi_11 + ... : the heat equation, and one derivative by a central difference of the closed form */
                    arb_add(other, value + 2, value + 8, prec);
                    arb_mul_2exp_si(other, other, 1);
                    arb_div_ui(other, other, 20, prec);
                    assert_true(arb_overlaps(other, slope));
                    arb_set_d(h, ldexp(1, -40));
                    arb_add(s, s, h, prec);
                    closed_form(expected, gaussians[g].q, gaussians[g].c, s, t, nu, prec);
                    arb_submul(s, h, h, 2);
                    arb_set_d(s, 0.375);
                    arb_sub(s, s, h, prec);
                    closed_form(other, gaussians[g].q, gaussians[g].c, s, t, nu, prec);
                    arb_sub(expected, expected, other, prec);
                    arb_div(expected, expected, h, prec);
                    arb_mul_2exp_si(expected, expected, -1);
                    arb_set_d(h, 1e-16);
                    arb_add_error(expected, h);
                    assert_true(arb_overlaps(value + 1, expected));
                    arb_set_d(s, 0.375);
                    closed_form(expected, gaussians[g].q, gaussians[g].c, s, t, nu, prec);

                    /* a plant in the closed form, of 1e-25 */
                    arb_set_ui(other, 10);
                    arb_pow_ui(other, other, 25, prec);
                    arb_inv(other, other, prec);
                    arb_add_ui(other, other, 1, prec);
                    arb_mul(other, other, expected, prec);
                    moved += !arb_contains(value, other);
                    /* the tail left out: its bound no longer holds */
                    grid->reach[0] /= 4;
                    caustic_grid_expand(value, slope, grid, space, s, t, prec);
                    left += !arb_contains(value, expected);
                }
                caustic_space_clear(space);
                caustic_grid_clear(grid);
                caustic_text_clear(why);
                arb_clear(t);
                arb_clear(expected);
                arb_clear(h);
                arb_clear(other);
                arf_clear(rs);
                arf_clear(rt);
                fmpq_clear(nu);
                _arb_vec_clear(s, 2);
                _arb_vec_clear(value, 16);
                _arb_vec_clear(slope, 4);
                caustic_pool_free(pool);
            }
    assert_int_equal(tried, 24);
    assert_int_equal(moved, 8);
    assert_int_equal(left, 8);
}

/* Coarse sums against a fine one, at many aims and points: their balls always overlap, with those of all derivatives, and some
   coarse sums differ from the fine one by more than a thousandth of their bound: the bounds are not idle. What is made
   coarse are the steps of one axis or both, and their number, so that each part of the error counts in some sum. */
static void
test_coarse(void ** state)
{
    static const char * const losses[] = {"log(1 + exp(x) + exp(y)) - x/2 - y/3", "(exp(sqrt(2)*x) + exp(sqrt(2)*y) - 2)^2/2",
        "1/(1 + (x + 2*y)^2) + y^2/2", "(x^2 + y^2 - 1)^2"};
    slong compared = 0, tight = 0;
    (void) state;

    for (size_t l = 0; l < sizeof(losses) / sizeof(losses[0]); l++)
        for (int place = 0; place < 2; place++)
        {
            caustic_pool * pool = caustic_pool_new();
            caustic_expr symbols[2] = {caustic_symbol(pool, "x"), caustic_symbol(pool, "y")};
            caustic_space_t space;
            caustic_grid_t grid;
            caustic_text_t why;
            arb_ptr s = _arb_vec_init(2), fine = _arb_vec_init(20), coarse = _arb_vec_init(20);
            arb_t t, distance;
            arf_t rs, rt;
            fmpq_t nu;

            caustic_text_init(why);
            arb_init(t);
            arb_init(distance);
            arf_init(rs);
            arf_init(rt);
            fmpq_init(nu);
            fmpq_set_si(nu, 1, place ? 5 : 20);
            arb_set_d(s, place ? -0.25 : 0.5);
            arb_set_d(s + 1, place ? 0.75 : 0.125);
            arb_set_d(t, place ? 0.5 : 0.25);
            arf_set_d(rs, 0.03125);
            arf_set_d(rt, 0.015625);
            assert_int_equal(caustic_space_init(space, why, pool, symbols, 2, parse(pool, losses[l]), nu), CAUSTIC_OK);
            caustic_grid_init(grid, 2);
            assert_int_equal(caustic_grid_find(grid, space, s, t, rs, rt, 80), CAUSTIC_OK);
            caustic_grid_expand(fine, fine + 16, grid, space, s, t, 192);
            for (int way = 0; way < 12; way++)
            {
                assert_int_equal(caustic_grid_find(grid, space, s, t, rs, rt, 20), CAUSTIC_OK);
                for (slong i = 0; i < 2; i++)
                {
                    slong coarser = way % 3 == 2 || way % 3 == i ? 2 + way / 6 : 1;

                    if (way % 2 == 0)
                        grid->reach[i] /= coarser;
                    if (way % 4 < 2)
                    {
                        grid->step[i] *= coarser;
                        grid->reach[i] = (grid->reach[i] + coarser - 1) / coarser;
                    }
                }
                if (caustic_grid_bound(grid, space) != CAUSTIC_OK)
                    continue;
                caustic_grid_expand(coarse, coarse + 16, grid, space, s, t, 192);
                for (slong n = 0; n < 20; n++)
                    assert_true(arb_overlaps(coarse + n, fine + n));
                compared++;
                arb_sub(distance, coarse, fine, 192);
                mag_zero(arb_radref(distance));
                arb_mul_ui(distance, distance, 1000, 64);
                arb_abs(distance, distance);
                tight += arb_gt(distance, grid->error);
            }
            caustic_space_clear(space);
            caustic_grid_clear(grid);
            caustic_text_clear(why);
            arb_clear(t);
            arb_clear(distance);
            arf_clear(rs);
            arf_clear(rt);
            fmpq_clear(nu);
            _arb_vec_clear(s, 2);
            _arb_vec_clear(fine, 20);
            _arb_vec_clear(coarse, 20);
            caustic_pool_free(pool);
        }
    print_message("coarse sums: %ld compared, %ld within a factor 1000 of their bound\n", (long) compared, (long) tight);
    assert_true(compared >= 40);
    assert_true(tight >= 4);
}

/* Losses without a bound by their form, or with too many coordinates, are not accepted. */
static void
test_no_space(void ** state)
{
    static const char * const losses[] = {"x*y", "-x^2", "log(x^2)", "y^3", "1/x", "log(exp(x) + exp(y))"};
    caustic_pool * pool = caustic_pool_new();
    caustic_expr symbols[4] = {caustic_symbol(pool, "x"), caustic_symbol(pool, "y"), caustic_symbol(pool, "v"),
        caustic_symbol(pool, "w")};
    caustic_space_t space;
    caustic_text_t why;
    fmpq_t nu;
    (void) state;

    caustic_text_init(why);
    fmpq_init(nu);
    fmpq_one(nu);
    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
    {
        assert_int_equal(caustic_space_init(space, why, pool, symbols, 2, parse(pool, losses[i]), nu), CAUSTIC_UNSUPPORTED);
        caustic_space_clear(space);
    }
    assert_int_equal(caustic_space_init(space, why, pool, symbols, 4, parse(pool, "x^2"), nu), CAUSTIC_UNSUPPORTED);
    caustic_space_clear(space);
    assert_int_equal(caustic_space_init(space, why, pool, symbols, 1, parse(pool, "x^2 + y^2"), nu), CAUSTIC_UNSUPPORTED);
    caustic_space_clear(space);
    fmpq_zero(nu);
    assert_int_equal(caustic_space_init(space, why, pool, symbols, 2, parse(pool, "x^2 + y^2"), nu), CAUSTIC_UNSUPPORTED);
    caustic_space_clear(space);
    fmpq_clear(nu);
    caustic_text_clear(why);
    caustic_pool_free(pool);
}

/* Cases **************************************************************************************/

static void
verify(caustic_residual_result_t result, const caustic_case_t problem, const caustic_reduction_t reduction, const char * factor)
{
    caustic_residual_options options;
    fmpq_t kernel;

    options = verify_options(problem, 100000);
    caustic_residual_result_init(result);
    fmpq_init(kernel);
    fmpq_set_str(kernel, factor, 10);
    if (fmpq_is_one(kernel))
        caustic_verify_euclidean(result, reduction, problem->normal_form_maps > 0 ? problem->normal_form_map : NULL, &options);
    else
        verify_euclidean_planted(result, reduction, NULL, &options, kernel);
    fmpq_clear(kernel);
}

#define PLANE "name: plane\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
#define RUN "verify: {viscosity: [1/20], box: [[1/2, 1], [1/2, 1]], time: [1/5, 2/5], tolerance: 1e-26}\n"
#define TORUS "name: torus\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: b, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n" \
    "metric: [[a^2, 0, 0], [0, b^2, 0], [0, 0, w^2]]\naction: {generators: [[-a, b, w]]}\n" \
    "quotient: [{name: x, is: \"a*b\", domain: \"(0, inf)\"}, {name: y, is: \"a*w\", domain: \"(0, inf)\"}]\nsection: [1, x, y]\n"
#define LAYER "name: layer\npreset: {kind: relu-layer, inputs: 1, hidden: 2}\n"

static const struct
{
    const char * text;
    caustic_verdict verdict;
    slong altered;
}
examples[] =
{
    {LAYER "loss: (z1 - 1)^2/2 + (z2 - 1)^2/2\n" RUN, CAUSTIC_PROVED, 5},
    {LAYER "loss: (z1 + z2 - 1)^2/2\n" RUN, CAUSTIC_PROVED, 5},
    {TORUS "loss: (x - 1)^2/2 + (y - 1)^2/2\n" RUN, CAUSTIC_PROVED, 5},
    {"name: softmax\npreset: {kind: softmax-bias, classes: 3}\nloss: log(1 + exp(z1) + exp(z2)) - z1/2 - z2/3\n" RUN,
        CAUSTIC_PROVED, 4},
    {"name: data\npreset: {kind: softmax-bias, classes: 3}\ndata: {columns: [p, q], rows: [[1, 0], [0, 1], [0, 0], [1, 0]]}\n"
        "loss: mean(log(1 + exp(z1) + exp(z2)) - p*z1 - q*z2)\n" RUN, CAUSTIC_PROVED, 4},
    {PLANE "normal_form: {kind: euclidean, map: [(3*x + 4*y)/5, (4*x - 3*y)/5 + 1]}\n"
        "loss: (3*x + 4*y)^2/50 + (4*x - 3*y)^4/5000\n" RUN, CAUSTIC_PROVED, 4},
    {PLANE "loss: 3\n" RUN, CAUSTIC_PROVED, 0},
    /* unbounded by its form; a kink; a pole at a distance: no strip is tall enough only where it is too near */
    {PLANE "loss: x*y\n" RUN, CAUSTIC_UNDECIDED, 0},
    {PLANE "loss: abs(x + y)\n" RUN, CAUSTIC_UNDECIDED, 0},
    /* a jump of 2 pi where x y = 1, off both axes: its derivatives are 0 wherever it has any */
    {PLANE "loss: x^2/2 + y^2/2 + 2*atan(1/(x*y - 1)) + 2*atan(x*y - 1)\n" RUN, CAUSTIC_UNDECIDED, 0},
    {PLANE "loss: 1/(1 + (x + y)^2)\n" RUN, CAUSTIC_PROVED, 4},
    /* a half-plane */
    {"name: half\nparameters: [{name: x, domain: \"(0, inf)\"}, {name: y}]\nmetric: euclidean\nloss: x^2 + y^2\n" RUN,
        CAUSTIC_UNDECIDED, 0},
};

static void
test_examples(void ** state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_residual_result_t result;

        read_case(problem, examples[i].text);
        caustic_reduction_init(reduction, problem->setting);
        verify(result, problem, reduction, "1");
        if (result->verdict != examples[i].verdict)
        {
            for (slong k = 0; k < result->length; k++)
                print_message("%s %s: %s\n", result->entries[k].name, caustic_verdict_name(result->entries[k].verdict),
                    result->entries[k].detail);
            fail_msg("example %d: %s", (int) i, caustic_verdict_name(result->verdict));
        }
        if (strstr(examples[i].text, "abs") != NULL)
            assert_non_null(strstr(result->entries[1].detail, "the loss has a kink where"));
        if (examples[i].verdict == CAUSTIC_PROVED)
        {
            assert_int_equal(result->altered_tried, examples[i].altered);
            assert_int_equal(result->altered_refuted, examples[i].altered);
        }
        caustic_residual_result_clear(result);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
    }
}

/* 1 + 10^-25 times e. */
static caustic_expr
off_by_a_little(caustic_pool * pool, caustic_expr e)
{
    fmpq_t factor;
    caustic_expr result;

    fmpq_init(factor);
    fmpz_ui_pow_ui(fmpq_denref(factor), 10, 25);
    fmpz_add_ui(fmpq_numref(factor), fmpq_denref(factor), 1);
    result = caustic_mul(pool, caustic_number(pool, factor), e);
    fmpq_clear(factor);
    return result;
}

/* An error of 1e-25 in the cometric, one entry of it or all, in the drift, or in the kernel's loss: nothing is proved, and where
   the chart is still a chart, the check that compares with parameter space or with the loss refutes. */
static void
test_planted(void ** state)
{
    (void) state;
    for (int plant = 0; plant < 4; plant++)
        for (int i = 1; i < 3; i++)
        {
            caustic_case_t problem;
            caustic_reduction_t reduction;
            caustic_residual_result_t result;

            read_case(problem, examples[i].text);
            caustic_reduction_init(reduction, problem->setting);
            for (slong k = 0; k < (plant == 0 ? 1 : plant == 1 ? 4 : 0); k++)
                reduction->cometric_expr[k] = off_by_a_little(problem->pool, reduction->cometric_expr[k]);
            for (slong k = 0; k < (plant == 1 || plant == 2 ? 2 : 0); k++)
                reduction->drift_expr[k] = off_by_a_little(problem->pool, reduction->drift_expr[k]);
            verify(result, problem, reduction, plant == 3 ? "10000000000000000000000001/10000000000000000000000000" : "1");
            assert_int_not_equal(result->verdict, CAUSTIC_PROVED);
            if (plant == 1)
                assert_int_equal(check_verdict(result, "reduction"), CAUSTIC_REFUTED);
            else if (plant == 3)
            {
                assert_int_equal(check_verdict(result, "reduction"), CAUSTIC_REFUTED);
                assert_int_equal(check_verdict(result, "initial_data"), CAUSTIC_REFUTED);
            }
            else
                assert_int_not_equal(check_verdict(result, "burgers_residual"), CAUSTIC_PROVED);
            caustic_residual_result_clear(result);
            caustic_reduction_clear(reduction);
            caustic_case_clear(problem);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_charts),
        cmocka_unit_test(test_gaussians),
        cmocka_unit_test(test_coarse),
        cmocka_unit_test(test_no_space),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_planted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
