/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The audit against what is known by hand, and against near misses.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <caustic/audit.h>
#include <caustic/case.h>
#include "conserved.h"

typedef struct
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_audit_t audit;
}
stage;

static void
stage_init(stage * s, const char * text)
{
    caustic_error_t error;

    caustic_error_init(error);
    if (caustic_case_read_text(s->problem, text, strlen(text), "test", error) != CAUSTIC_OK)
        fail_msg("%s", error->message);
    caustic_error_clear(error);
    caustic_reduction_init(s->reduction, s->problem->setting);
    caustic_audit_init(s->audit, s->reduction, s->problem->optimiser_metric);
}

static void
stage_clear(stage * s)
{
    caustic_audit_clear(s->audit);
    caustic_reduction_clear(s->reduction);
    caustic_case_clear(s->problem);
}

static void
expression_is(const stage * s, caustic_expr e, const char * text)
{
    char * found = caustic_expr_string(s->problem->pool, e);

    assert_string_equal(found, text);
    flint_free(found);
}

static caustic_verdict
verdict_of(const stage * s, const char * name)
{
    const caustic_checks_struct * checks = s->audit->checks;

    for (slong i = 0; i < checks->length; i++)
        if (strcmp(checks->entries[i].name, name) == 0)
            return checks->entries[i].verdict;
    return 0;
}

/* SPEC 1.4: the scalar neuron under Euclidean training. */
static void
test_neuron(void ** state)
{
    stage s;
    const caustic_audit_witness * witness = &s.audit->witness;
    fmpq_t sum;
    (void) state;

    stage_init(&s, "name: neuron\npreset: {kind: relu-neuron, inputs: 1}\n");
    assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_HOLDS_ON_LEAVES);
    assert_int_equal(s.audit->conserved, 1);
    assert_int_equal(s.audit->charges, 1);
    expression_is(&s, s.audit->charge[0], "w^2 - a^2");
    expression_is(&s, s.audit->leaf_cometric[0], "sqrt(c^2 + 4*z^2)");
    assert_int_equal(verdict_of(&s, "drift"), CAUSTIC_REFUTED);
    assert_int_equal(verdict_of(&s, "isotropic_noise"), CAUSTIC_REFUTED);

    /* The witness by hand: a w equal, a^2 + w^2 not. */
    assert_int_equal(witness->present, 1);
    fmpq_init(sum);
    for (int k = 0; k < 2; k++)
    {
        const fmpq * theta = k == 0 ? witness->point : witness->other;

        fmpq_mul(sum, theta, theta);
        fmpq_addmul(sum, theta + 1, theta + 1);
        assert_true(fmpq_equal(sum, k == 0 ? witness->value : witness->other_value));
    }
    assert_false(fmpq_equal(witness->value, witness->other_value));
    fmpq_mul(sum, witness->point, witness->point + 1);
    fmpq_submul(sum, witness->other, witness->other + 1);
    assert_true(fmpq_is_zero(sum));
    fmpq_clear(sum);
    stage_clear(&s);
}

/* Training in the invariant metric itself, or a multiple of it, descends with the same geometry; another invariant metric
   with another geometry. */
static void
test_invariant_optimisers(void ** state)
{
    static const struct
    {
        const char * metric;
        caustic_audit_verdict verdict;
        caustic_verdict same_geometry;
        const char * cometric;
    }
    cases[] =
    {
        {"[[a^2, 0], [0, w^2]]", CAUSTIC_AUDIT_HOLDS, CAUSTIC_PROVED, "2*z^2"},
        {"[[3*a^2, 0], [0, 3*w^2]]", CAUSTIC_AUDIT_HOLDS, CAUSTIC_PROVED, "6*z^2"},
        {"[[a^2*(1 + a^2*w^2), 0], [0, w^2]]", CAUSTIC_AUDIT_HOLDS, CAUSTIC_REFUTED, "z^2*(z^2 + 2)"},
        {"[[a^2, 0], [0, w^2*(1 + a/10^30)]]", CAUSTIC_AUDIT_UNDECIDED, CAUSTIC_REFUTED, NULL},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        stage s;
        caustic_text_t text;

        caustic_text_init(text);
        caustic_text_printf(text, "name: optimiser\npreset: {kind: relu-neuron, inputs: 1}\noptimiser: {metric: %s}\n", cases[i].metric);
        stage_init(&s, text->data);
        if (cases[i].cometric != NULL)
        {
            assert_int_equal(s.audit->verdict, cases[i].verdict);
            expression_is(&s, s.audit->cometric[0], cases[i].cometric);
        }
        else
            assert_int_not_equal(s.audit->verdict, CAUSTIC_AUDIT_HOLDS);
        assert_int_equal(verdict_of(&s, "same_geometry"), cases[i].same_geometry);
        stage_clear(&s);
        caustic_text_clear(text);
    }
}

/* Presets by what SPEC 1.4 and Marcotte, Gribonval and Peyre (2023) say: r (r + 1)/2 for U V^T. */
static void
test_presets(void ** state)
{
    static const struct
    {
        const char * preset;
        caustic_audit_verdict verdict;
        slong conserved;
    }
    cases[] =
    {
        {"kind: relu-chain, depth: 4", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 3},
        {"kind: relu-neuron, inputs: 3", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1},
        {"kind: relu-layer, inputs: 1, hidden: 3", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 3},
        {"kind: relu-layer, inputs: 3, hidden: 512", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 512},
        {"kind: linear-network, widths: [2, 3, 2]", CAUSTIC_AUDIT_FAILS, 6},
        {"kind: relu-network, widths: [2, 2, 2, 1]", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 4},
        {"kind: attention, model: 2, head: 1, product: qk", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1},
        {"kind: attention, model: 2, head: 2, product: qk", CAUSTIC_AUDIT_FAILS, 3},
        {"kind: attention, model: 3, head: 2, product: qk", CAUSTIC_AUDIT_FAILS, 3},
        {"kind: attention, model: 3, head: 3, product: vo", CAUSTIC_AUDIT_FAILS, 6},
        {"kind: attention, model: 2, head: 2, product: qk, rotary: true", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1},
        {"kind: linear-network, widths: [3, 2, 2]", CAUSTIC_AUDIT_FAILS, 3},
        {"kind: linear-network, widths: [2, 2, 2, 2]", CAUSTIC_AUDIT_FAILS, 6},
        {"kind: batchnorm, fan_in: 3", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1},
        {"kind: layernorm, units: 3, fan_in: 3", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 4},
        {"kind: layernorm, units: 768, fan_in: 768", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 769},
        {"kind: conv-relu, kernel: 9, channels: 64, inputs: 32", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 64},
        {"kind: attention, model: 512, head: 1", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1},
        {"kind: batchnorm, fan_in: 100", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1},
        {"kind: attention, model: 4, head: 4", CAUSTIC_AUDIT_FAILS, 10},
        {"kind: linear-network, widths: [1, 3, 2, 1]", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 10},
        {"kind: softmax-bias, classes: 4", CAUSTIC_AUDIT_HOLDS, 1},
        {"kind: tanh-layer, inputs: 1, hidden: 2", CAUSTIC_AUDIT_HOLDS, 0},
        {"kind: particles, count: 3, dimension: 1, chart: covering", CAUSTIC_AUDIT_HOLDS, 0},
        {"kind: particles, count: 3, dimension: 1, chart: power-sums", CAUSTIC_AUDIT_HOLDS, 0},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        stage s;
        caustic_text_t text;

        caustic_text_init(text);
        caustic_text_printf(text, "name: preset\npreset: {%s}\n", cases[i].preset);
        stage_init(&s, text->data);
        assert_int_equal(s.audit->verdict, cases[i].verdict);
        assert_int_equal(s.audit->conserved, cases[i].conserved);
        /* The product of a moved sphere and of shifts shows it in one of its units. */
        if (s.audit->verdict != CAUSTIC_AUDIT_HOLDS)
            assert_int_not_equal(s.audit->witness.present, 0);
        stage_clear(&s);
        caustic_text_clear(text);
    }
}

/* Rotations conserve nothing, and nothing is audited on a quotient that is none. */
static void
test_rotations_and_refusals(void ** state)
{
    stage s;
    (void) state;

    /* A metric that is not invariant under the rotation, none of whose functions is conserved. */
    stage_init(&s, "name: rotation\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\nstratum: [\"x^2 + y^2\"]\n"
        "action: {generators: [[\"-y\", x]]}\nquotient: [{name: z, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\n"
        "section: [sqrt(z), 0]\n");
    assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_HOLDS);
    assert_int_equal(s.audit->charges, 0);
    expression_is(&s, s.audit->cometric[0], "4*z");
    stage_clear(&s);

    stage_init(&s, "name: none\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "action: {generators: [[1, 0]]}\nquotient: [{name: z, is: \"x + y\"}]\nsection: [z, 0]\n");
    assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_UNDECIDED);
    assert_int_equal(s.audit->conserved, -1);
    stage_clear(&s);
}

/* One neuron, or a line, in a metric or with generators that are not what they seem. */
static void
test_near_misses(void ** state)
{
    static const char * const neuron = "name: x\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
        "metric: [[a^2, 0], [0, w^2]]\nquotient: [{name: z, is: a*w, domain: \"(0, inf)\"}]\nsection: [1, z]\n";
    static const struct
    {
        const char * whole;     /* NULL: the neuron and `rest` */
        const char * rest;
        caustic_audit_verdict verdict;
        slong conserved;
        const char * check;
        caustic_verdict of_check;
    }
    cases[] =
    {
        /* No metrics: not symmetric, indefinite, negative, with a pole, with a zero. */
        {NULL, "action: {generators: [[-a, w]]}\noptimiser: {metric: [[2, 1], [0, 2]]}\n", CAUSTIC_AUDIT_UNDECIDED, -1, "drift", CAUSTIC_UNDECIDED},
        {NULL, "action: {generators: [[-a, w]]}\noptimiser: {metric: [[1, 2], [2, 1]]}\n", CAUSTIC_AUDIT_UNDECIDED, -1, "drift", CAUSTIC_UNDECIDED},
        {NULL, "action: {generators: [[-a, w]]}\noptimiser: {metric: [[-a^2, 0], [0, -w^2]]}\n", CAUSTIC_AUDIT_UNDECIDED, -1, "drift", CAUSTIC_UNDECIDED},
        {NULL, "action: {generators: [[-a, w]]}\noptimiser: {metric: [[a^2/(a*w-1)^2, 0], [0, w^2/(a*w-1)^2]]}\n",
            CAUSTIC_AUDIT_UNDECIDED, -1, "drift", CAUSTIC_UNDECIDED},
        {NULL, "action: {generators: [[-a, w]]}\noptimiser: {metric: [[a^2*(a*w-1)^2, 0], [0, w^2*(a*w-1)^2]]}\n",
            CAUSTIC_AUDIT_UNDECIDED, -1, "drift", CAUSTIC_UNDECIDED},
        /* A constant multiple, but not a rational one. */
        {NULL, "action: {generators: [[-a, w]]}\noptimiser: {metric: [[sqrt(2)*a^2, 0], [0, sqrt(2)*w^2]]}\n",
            CAUSTIC_AUDIT_HOLDS, 1, "same_geometry", CAUSTIC_PROVED},
        /* The charge is there, with a factor that is no constant: not found, but one field has N - 1 conserved functions. */
        {NULL, "action: {generators: [[-a^2*w, a*w^2]]}\n", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1, "leaf_cometric", CAUSTIC_PROVED},
        /* The same generator twice is one charge, and two functions of one parameter are. */
        {NULL, "action: {generators: [[-a, w], [-2*a, 2*w]]}\n", CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1, "leaves", CAUSTIC_PROVED},
        {"name: line\nparameters: [{name: a}, {name: x}]\nmetric: euclidean\naction: {generators: [[1, 0], [a, 0]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [0, z]\n", NULL, CAUSTIC_AUDIT_HOLDS, 1, "leaves", CAUSTIC_PROVED},
        /* Linear charges are kept from rest. */
        {"name: shift\nparameters: [{name: a}, {name: x}]\nmetric: euclidean\naction: {generators: [[1, 1]]}\n"
            "quotient: [{name: z, is: x - a}]\nsection: [0, z]\n", NULL, CAUSTIC_AUDIT_HOLDS, 1, "momentum", CAUSTIC_PROVED},
        /* A covering chart whose transposition the optimiser does not keep, and one that it keeps. */
        {"name: cover\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {elements: [[y, x]]}\nquotient: [{name: p, is: x},"
            " {name: q, is: y}]\nsection: [p, q]\noptimiser: {metric: [[1, 0], [0, 2]]}\n", NULL, CAUSTIC_AUDIT_UNDECIDED, 0, "drift", CAUSTIC_REFUTED},
        {"name: cover\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {elements: [[y, x]]}\nquotient: [{name: p, is: x},"
            " {name: q, is: y}]\nsection: [p, q]\noptimiser: {metric: [[2, 1], [1, 2]]}\n", NULL, CAUSTIC_AUDIT_HOLDS, 0, "drift", CAUSTIC_PROVED},
        {"name: sums\npreset: {kind: particles, count: 2, dimension: 1, chart: power-sums}\noptimiser: {metric: [[1, 0], [0, 2]]}\n",
            NULL, CAUSTIC_AUDIT_FAILS, 0, "drift", CAUSTIC_REFUTED},
        /* Rotations and a metric that they do not keep: on the curves of the one field z is a coordinate. */
        {"name: rotation\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\nstratum: [x^2 + y^2]\naction: {generators: [[-y, x]]}\n"
            "quotient: [{name: z, is: x^2 + y^2, domain: \"(0, inf)\"}]\nsection: [sqrt(z), 0]\noptimiser: {metric: [[1, 0], [0, 2]]}\n",
            NULL, CAUSTIC_AUDIT_HOLDS_ON_LEAVES, 1, "drift", CAUSTIC_REFUTED},
        /* The same beside a coordinate that it does not touch: two fields, and nothing is known of their leaves. */
        {"name: rotation\nparameters: [{name: x}, {name: y}, {name: b}]\nmetric: euclidean\nstratum: [x^2 + y^2]\naction: {generators: [[\"-y\", x, 0]]}\n"
            "quotient: [{name: z, is: x^2 + y^2, domain: \"(0, inf)\"}, {name: y2, is: b}]\nsection: [sqrt(z), 0, y2]\n"
            "optimiser: {metric: [[1, 0, 0], [0, 2, 0], [0, 0, 1]]}\n", NULL, CAUSTIC_AUDIT_UNDECIDED, -1, "drift", CAUSTIC_REFUTED},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        stage s;
        caustic_text_t text;

        caustic_text_init(text);
        caustic_text_append(text, cases[i].whole != NULL ? cases[i].whole : neuron);
        caustic_text_append(text, cases[i].rest != NULL ? cases[i].rest : "");
        stage_init(&s, text->data);
        if (s.audit->verdict != cases[i].verdict || s.audit->conserved != cases[i].conserved
            || verdict_of(&s, cases[i].check) != cases[i].of_check)
            fail_msg("case %d: verdict %s, conserved %ld, %s %d", (int) i, caustic_audit_verdict_name(s.audit->verdict),
                (long) s.audit->conserved, cases[i].check, (int) verdict_of(&s, cases[i].check));
        stage_clear(&s);
        caustic_text_clear(text);
    }
}

/* The fibres of p + p^2, p = aw, are two orbits with different F_0 on one leaf: no K_c on the whole quotient is claimed.
   The value of the charge is called c unless c is taken. */
static void
test_fibres_and_names(void ** state)
{
    stage s;
    int global = 0;
    (void) state;

    stage_init(&s, "name: fold\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w}]\nmetric: [[a^2, 0], [0, a^(-2)]]\n"
        "stratum: [1 + 2*a*w]\naction: {generators: [[-a, w]]}\n"
        "quotient: [{name: z, is: a*w + a^2*w^2, domain: \"(-1/4, inf)\"}]\nsection: [1, (sqrt(1 + 4*z) - 1)/2]\n");
    for (slong i = 0; i < s.audit->checks->length; i++)
        global |= strcmp(s.audit->checks->entries[i].name, "leaf_cometric") == 0
            && strstr(s.audit->checks->entries[i].detail, "locally") == NULL;
    assert_false(global);
    assert_null(s.audit->leaf_cometric);
    stage_clear(&s);

    stage_init(&s, "name: named\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(-inf, 0)\"}]\n"
        "metric: [[a^2, 0], [0, w^2]]\naction: {generators: [[-a, w]]}\nquotient: [{name: c, is: a*w, domain: \"(-inf, 0)\"}]\nsection: [1, c]\n");
    expression_is(&s, s.audit->leaf_cometric[0], "sqrt(4*c^2 + charge^2)");
    stage_clear(&s);

    /* A logarithm of a negative parameter is of its size. */
    stage_init(&s, "name: log\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(-inf, 0)\"}]\n"
        "metric: [[a^2, 0], [0, w^2]]\naction: {generators: [[-a, w]]}\nquotient: [{name: z, is: a*w, domain: \"(-inf, 0)\"}]\nsection: [1, z]\n"
        "optimiser: {metric: [[a^2, 0], [0, w^2]]}\n");
    assert_int_equal(s.audit->charges, 1);
    expression_is(&s, s.audit->charge[0], "log(-w) - log(a)");
    stage_clear(&s);

    /* Components of different degrees, each integrated by itself: -1/a^2 da + w dw. */
    stage_init(&s, "name: degrees\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
        "metric: [[a^2, 0], [0, w^2]]\naction: {generators: [[-a, w]]}\nquotient: [{name: z, is: a*w, domain: \"(0, inf)\"}]\nsection: [1, z]\n"
        "optimiser: {metric: [[a^3, 0], [0, 1]]}\n");
    assert_int_equal(s.audit->charges, 1);
    expression_is(&s, s.audit->charge[0], "w^2/2 + 1/a");
    stage_clear(&s);
}

/* The leaf's own cometric, by hand: F_0 at a point is K_c there, with c and the unknowns read off the point. */
static void
implicit_is_force(stage * s, const char * point, const char * force)
{
    const caustic_audit_implicit * leaf = &s->audit->implicit;
    const caustic_setting_struct * setting = s->problem->setting;
    caustic_pool * pool = setting->pool;
    slong n = setting->parameters, d = setting->coordinates, m = s->audit->charges;
    caustic_expr * theta = flint_malloc((size_t) n * sizeof(caustic_expr));
    caustic_expr * from = flint_malloc((size_t) (d + m + leaf->unknowns) * sizeof(caustic_expr));
    caustic_expr * to = flint_malloc((size_t) (d + m + leaf->unknowns) * sizeof(caustic_expr));
    caustic_expr found;
    char * end;

    assert_int_equal(leaf->unknowns, d);
    for (slong b = 0; b < n; b++, point = end)
        theta[b] = caustic_integer(pool, strtol(point, &end, 10));
    for (slong i = 0; i < d; i++)
    {
        from[i] = setting->coordinate[i];
        to[i] = caustic_substitute(pool, setting->invariant[i], setting->parameter, theta, n);
        from[d + m + i] = leaf->unknown[i];
        to[d + m + i] = caustic_power_si(pool, theta[leaf->free[i]], 2);
    }
    for (slong a = 0; a < m; a++)
    {
        from[d + a] = s->audit->charge_symbol[a];
        to[d + a] = caustic_substitute(pool, s->audit->charge[a], setting->parameter, theta, n);
    }
    for (slong b = 0; b < n; b++)
        assert_true(caustic_substitute(pool, leaf->square[b], from, to, d + m + leaf->unknowns) == caustic_power_si(pool, theta[b], 2));
    for (slong i = 0; i < d; i++)
        assert_true(caustic_substitute(pool, leaf->left[i], from, to, d + m + leaf->unknowns)
            == caustic_substitute(pool, leaf->right[i], from, to, d + m + leaf->unknowns));
    found = caustic_substitute(pool, leaf->cometric[d * d - 1], from, to, d + m + leaf->unknowns);
    expression_is(s, found, force);
    flint_free(theta);
    flint_free(from);
    flint_free(to);
}

/* [AUDIT-8], and K_c of several units at once. */
static void
test_leaf_cometrics(void ** state)
{
    stage s;
    (void) state;

    /* w = (1, 2, 3), z = 6: F_0 = 36 + 9 + 4. */
    stage_init(&s, "name: chain\npreset: {kind: relu-chain, depth: 3}\n");
    assert_null(s.audit->leaf_cometric);
    expression_is(&s, s.audit->implicit.left[0], "x*(c1 + c2 + x)*(c1 + x)");
    implicit_is_force(&s, "1 2 3", "49");
    stage_clear(&s);

    /* diag(1, 4): dw2 counts four times. */
    stage_init(&s, "name: chain\npreset: {kind: relu-chain, depth: 2}\noptimiser: {metric: [[1, 0], [0, 4]]}\n");
    assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_HOLDS_ON_LEAVES);
    implicit_is_force(&s, "3 5", "61");
    stage_clear(&s);

    /* A layer: each unit has its own charge and its own root. */
    stage_init(&s, "name: layer\npreset: {kind: relu-layer, inputs: 1, hidden: 2}\n");
    assert_int_equal(s.audit->charges, 2);
    expression_is(&s, s.audit->leaf_cometric[0], "sqrt(c1^2 + 4*z1^2)");
    expression_is(&s, s.audit->leaf_cometric[1], "0");
    expression_is(&s, s.audit->leaf_cometric[3], "sqrt(c2^2 + 4*z2^2)");
    stage_clear(&s);

    /* A sign that is not fixed: the square does not determine the parameter, and nothing implicit is claimed. */
    stage_init(&s, "name: signs\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: b}, {name: w, domain: \"(0, inf)\"}]\n"
        "metric: [[a^2, 0, 0], [0, 1, 0], [0, 0, w^2]]\naction: {generators: [[-a, 0, w]]}\n"
        "quotient: [{name: z, is: a*w, domain: \"(0, inf)\"}, {name: y, is: b}]\nsection: [1, y, z]\n");
    assert_int_equal(s.audit->implicit.unknowns, 0);
    expression_is(&s, s.audit->leaf_cometric[0], "sqrt(c^2 + 4*z^2)");
    stage_clear(&s);
}

/* On the leaf through a point, in the chart: z there, and the flow's K_c = K^vv z'(v)^2 there, which is F_0. */
static void
chart_is(const char * text, const slong * charge, slong v, slong z, slong force)
{
    caustic_expr values[3], symbol, e[2];
    caustic_leaf_chart chart;
    caustic_tape * tape;
    stage s;
    arb_ptr out = _arb_vec_init(2);
    arb_t x;

    stage_init(&s, text);
    for (slong i = 0; i < s.audit->charges; i++)
        values[i] = caustic_integer(s.problem->pool, charge[i]);
    assert_int_equal(caustic_audit_leaf_chart(&chart, s.audit, s.problem->setting, values), 1);
    symbol = s.problem->setting->parameter[chart.parameter];
    e[0] = chart.z;
    e[1] = caustic_mul(s.problem->pool, chart.cometric, caustic_power_si(s.problem->pool, caustic_derivative(s.problem->pool, chart.z, symbol), 2));
    tape = caustic_tape_new(s.problem->pool, e, 2, &symbol, 1);
    arb_init(x);
    arb_set_si(x, v);
    caustic_tape_evaluate_arb(out, tape, x, 128);
    assert_true(arb_contains_si(out, z) && arb_rel_accuracy_bits(out) > 100);
    assert_true(arb_contains_si(out + 1, force) && arb_rel_accuracy_bits(out + 1) > 100);
    /* the line is complete: the cometric is a speed of at most that of the parameter, also at 0 */
    arb_zero(x);
    caustic_tape_evaluate_arb(out, tape, x, 128);
    assert_true(arb_is_finite(out) && arb_contains_zero(out));
    caustic_tape_free(tape);
    arb_clear(x);
    _arb_vec_clear(out, 2);
    stage_clear(&s);
}

static void
test_leaf_charts(void ** state)
{
    static const slong three[] = {3, 5}, falling[] = {-3, 8}, tied[] = {0, 3};
    caustic_expr values[2];
    caustic_leaf_chart chart;
    stage s;
    (void) state;

    /* w = (1, 2, 3), (2, 1, 3), (1, 1, 2) in the smallest: 36 + 9 + 4 = 49, 49 and 4 + 4 + 1 */
    chart_is("name: chain\npreset: {kind: relu-chain, depth: 3}\n", three, 1, 6, 49);
    chart_is("name: chain\npreset: {kind: relu-chain, depth: 3}\n", falling, 1, 6, 49);
    chart_is("name: chain\npreset: {kind: relu-chain, depth: 3}\n", tied, 1, 2, 9);

    /* more values than fit, a charge that is no fraction, a quotient of weights */
    stage_init(&s, "name: chain\npreset: {kind: relu-chain, depth: 3}\n");
    values[0] = caustic_integer(s.problem->pool, 1);
    values[1] = caustic_sqrt(s.problem->pool, caustic_integer(s.problem->pool, 2));
    assert_int_equal(caustic_audit_leaf_chart(&chart, s.audit, s.problem->setting, values), 0);
    stage_clear(&s);
    stage_init(&s, "name: ratio\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: b, domain: \"(0, inf)\"}]\nmetric: [[a^2, 0], [0, b^2]]\n"
        "action: {generators: [[a, b]]}\nquotient: [{name: z, is: a/b, domain: \"(0, inf)\"}]\nsection: [z, 1]\n");
    values[0] = caustic_integer(s.problem->pool, 1);
    assert_int_equal(caustic_audit_leaf_chart(&chart, s.audit, s.problem->setting, values), 0);
    stage_clear(&s);
}

/* The fifty networks of the benchmark, and cases whose number must not be claimed. */
static void
test_conserved(void ** state)
{
    static const char * const wrong[] =
    {
        /* A function that is no invariant. */
        "name: x\nparameters: [{name: a}, {name: w}]\nmetric: euclidean\naction: {generators: [[-a, w]]}\nquotient: [{name: z, is: a + w}]\nsection: [z, 0]\n",
        /* Two fields and no group. The third function, of the curl, is not a charge, and there is room for one. */
        "name: x\nparameters: [{name: a}, {name: b}, {name: w}]\nmetric: euclidean\naction: {generators: [[\"-b\", a, 0]]}\n"
            "quotient: [{name: z, is: a^2 + b^2}, {name: y, is: w}]\nsection: [sqrt(z), 0, y]\noptimiser: {metric: [[1, 0, 0], [0, 2, 0], [0, 0, 1]]}\n",
    };
    caustic_text_t text;
    caustic_error_t error;
    caustic_case_t problem;
    caustic_audit_t audit;
    (void) state;

    caustic_error_init(error);
    caustic_text_init(text);
    assert_int_equal(CONSERVED_NETWORKS, 50);
    for (int k = 0; k < CONSERVED_NETWORKS; k++)
    {
        caustic_text_reset(text);
        write_network(text, conserved_networks + k);
        assert_int_equal(caustic_case_read_text(problem, text->data, text->length, "test", error), CAUSTIC_OK);
        caustic_audit_conserved_init(audit, problem->setting, problem->optimiser_metric);
        if (audit->conserved != conserved_by_theory(conserved_networks + k))
            fail_msg("%s: %ld", text->data, (long) audit->conserved);
        caustic_audit_clear(audit);
        caustic_case_clear(problem);
    }
    for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++)
    {
        if (caustic_case_read_text(problem, wrong[k], strlen(wrong[k]), "test", error) != CAUSTIC_OK)
            fail_msg("%s", error->message);
        caustic_audit_conserved_init(audit, problem->setting, problem->optimiser_metric);
        assert_int_equal(audit->conserved, -1);
        caustic_audit_clear(audit);
        caustic_case_clear(problem);
    }
    caustic_text_clear(text);
    caustic_error_clear(error);
}

/* The value of an expression in the parameters at a witness's point. */
static caustic_expr
value_at(const stage * s, caustic_expr e, const fmpq * theta)
{
    const caustic_setting_struct * setting = s->problem->setting;
    caustic_expr * numbers = flint_malloc((size_t) setting->parameters * sizeof(caustic_expr));
    caustic_expr value;

    for (slong a = 0; a < setting->parameters; a++)
        numbers[a] = caustic_number(setting->pool, theta + a);
    value = caustic_substitute(setting->pool, e, setting->parameter, numbers, setting->parameters);
    flint_free(numbers);
    return value;
}

/* F_0 at a point, from the definition. */
static caustic_expr
force_at(const stage * s, slong i, slong j, const fmpq * theta)
{
    const caustic_setting_struct * setting = s->problem->setting;
    caustic_expr sum = caustic_integer(setting->pool, 0);

    for (slong a = 0; a < setting->parameters; a++)
        sum = caustic_add(setting->pool, sum, caustic_mul(setting->pool, caustic_derivative(setting->pool, setting->invariant[i],
            setting->parameter[a]), caustic_derivative(setting->pool, setting->invariant[j], setting->parameter[a])));
    return value_at(s, sum, theta);
}

/* SPEC 1.4: heads with k >= 2 fail, with two points that have the same M, the same charges and different F_0; and they fail on every
   leaf but those of multiples of 1. */
static void
test_mirrors(void ** state)
{
    static const struct
    {
        const char * preset;
        int mirror, isotropic;
    }
    cases[] =
    {
        {"kind: attention, model: 2, head: 2", 1, 1},
        {"kind: attention, model: 4, head: 2, product: vo", 1, 1},
        {"kind: attention, model: 3, head: 2, heads: 2", 1, 1},
        {"kind: linear-network, widths: [3, 2, 2]", 1, 1},
        /* More hidden units than inputs: M has no rank to spare for them. */
        {"kind: linear-network, widths: [2, 3, 2]", 1, 0},
        {"kind: linear-network, widths: [2, 2, 2, 2]", 1, 0},
        {"kind: attention, model: 3, head: 1", 0, 0},
    };
    (void) state;

    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++)
    {
        stage s;
        caustic_text_t text;
        const caustic_audit_witness * mirror = &s.audit->mirror;
        const caustic_setting_struct * setting;

        caustic_text_init(text);
        caustic_text_printf(text, "name: preset\npreset: {%s}\n", cases[k].preset);
        stage_init(&s, text->data);
        setting = s.problem->setting;
        if (mirror->present != cases[k].mirror || (s.audit->isotropic_cometric != NULL) != cases[k].isotropic)
            fail_msg("%s: %d %d", cases[k].preset, mirror->present, s.audit->isotropic_cometric != NULL);
        for (slong i = 0; i < setting->coordinates && mirror->present; i++)
            assert_true(value_at(&s, setting->invariant[i], mirror->point) == value_at(&s, setting->invariant[i], mirror->other));
        for (slong i = 0; i < s.audit->charges && mirror->present; i++)
            assert_true(value_at(&s, s.audit->charge[i], mirror->point) == value_at(&s, s.audit->charge[i], mirror->other));
        if (mirror->present)
        {
            assert_true(force_at(&s, mirror->i, mirror->j, mirror->point) == caustic_number(setting->pool, mirror->value));
            assert_true(force_at(&s, mirror->i, mirror->j, mirror->other) == caustic_number(setting->pool, mirror->other_value));
            assert_false(fmpq_equal(mirror->value, mirror->other_value));
        }
        stage_clear(&s);
        caustic_text_clear(text);
    }
}

/* [AUDIT-15] at U = [[2, 1], [1, 3]], V = [[1, 0], [0, 1]], whatever the charges: F_0 by X = U U^T = [[5, 5], [5, 10]], Y = 1. */
static void
test_isotropic_leaves(void ** state)
{
    static const slong u[] = {2, 1, 1, 3, 1, 0, 0, 1};
    static const char * const names[] = {"x11", "x12", "x22", "y11", "y12", "y22"};
    static const slong gram[] = {5, 5, 10, 1, 0, 1};
    caustic_expr from[6], to[6];
    fmpq theta[8];
    stage s;
    (void) state;

    stage_init(&s, "name: head\npreset: {kind: attention, model: 2, head: 2}\n");
    for (int k = 0; k < 6; k++)
    {
        from[k] = caustic_symbol(s.problem->pool, names[k]);
        to[k] = caustic_integer(s.problem->pool, gram[k]);
    }
    for (int a = 0; a < 8; a++)
    {
        fmpq_init(theta + a);
        fmpq_set_si(theta + a, u[a], 1);
    }
    for (slong i = 0; i < 4; i++)
        for (slong j = 0; j < 4; j++)
            assert_true(caustic_substitute(s.problem->pool, s.audit->isotropic_cometric[4 * i + j], from, to, 6) == force_at(&s, i, j, theta));
    for (int a = 0; a < 8; a++)
        fmpq_clear(theta + a);
    stage_clear(&s);
}

/* [AUDIT-12]: the polar unit says what the one that is written out says, the sphere's factor being the cometric across z. */
static void
test_polar_units(void ** state)
{
    stage s;
    (void) state;

    stage_init(&s, "name: polar\npreset: {kind: relu-neuron, inputs: 200}\n");
    assert_int_equal(s.audit->size, 2);
    expression_is(&s, s.audit->leaf_cometric[0], "sqrt(c^2 + 4*z^2)");
    expression_is(&s, s.audit->leaf_cometric[1], "0");
    expression_is(&s, s.audit->leaf_cometric[3], "(sqrt(c^2 + 4*z^2) - c)/(2*z^2)");
    assert_int_equal(verdict_of(&s, "same_geometry"), CAUSTIC_REFUTED);
    stage_clear(&s);

    /* At z = (0, z2): across it a^2 + z1^2/a^2 = a^2 with a^2 = (sqrt(c^2 + 4 z^2) - c)/2, which over z^2 is the factor above. */
    stage_init(&s, "name: vector\npreset: {kind: relu-neuron, inputs: 2}\n");
    {
        caustic_expr at = caustic_substitute(s.problem->pool, s.audit->leaf_cometric[0], s.problem->setting->coordinate,
            (caustic_expr[]) {caustic_integer(s.problem->pool, 0), s.problem->setting->coordinate[1]}, 2);
        caustic_expr there = caustic_substitute(s.problem->pool, at, (caustic_expr[]) {s.audit->charge_symbol[0],
            s.problem->setting->coordinate[1]}, (caustic_expr[]) {caustic_integer(s.problem->pool, 3), caustic_integer(s.problem->pool, 2)}, 2);

        expression_is(&s, there, "1");
    }
    stage_clear(&s);

    stage_init(&s, "name: own\npreset: {kind: relu-neuron, inputs: 200}\noptimiser: {metric: invariant}\n");
    assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_HOLDS);
    assert_int_equal(verdict_of(&s, "same_geometry"), CAUSTIC_PROVED);
    stage_clear(&s);

    stage_init(&s, "name: other\npreset: {kind: relu-neuron, inputs: 200}\noptimiser: {metric: [[a^2, 0], [0, 2*r^2]]}\n");
    assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_UNDECIDED);
    stage_clear(&s);
}

/* [AUDIT-9] */
static void
test_geometry_of_leaves(void ** state)
{
    static const struct
    {
        const char * text;
        caustic_verdict same;
    }
    cases[] =
    {
        {"name: x\npreset: {kind: batchnorm, fan_in: 3}\n", CAUSTIC_PROVED},
        {"name: x\npreset: {kind: relu-neuron, inputs: 1}\n", CAUSTIC_REFUTED},
        {"name: x\npreset: {kind: relu-chain, depth: 4}\n", CAUSTIC_REFUTED},
        {"name: x\npreset: {kind: attention, model: 2, head: 2}\n", CAUSTIC_REFUTED},
        /* The means have no coordinates, and what they are scaled by does not matter. */
        {"name: x\npreset: {kind: layernorm, units: 768, fan_in: 768}\n", CAUSTIC_PROVED},
        {"name: x\npreset: {kind: layernorm, units: 768, fan_in: 768}\noptimiser: {metric: invariant}\n", CAUSTIC_PROVED},
        /* Not the sphere's metric, though almost. */
        {"name: x\npreset: {kind: batchnorm, fan_in: 2}\noptimiser: {metric: [[1, 0], [0, 1000001/1000000]]}\n", CAUSTIC_REFUTED},
        {"name: x\npreset: {kind: relu-neuron, inputs: 2}\noptimiser: {metric: invariant}\n", CAUSTIC_PROVED},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        stage s;

        stage_init(&s, cases[i].text);
        if (verdict_of(&s, "same_geometry") != cases[i].same)
            fail_msg("%s: %d", cases[i].text, (int) verdict_of(&s, "same_geometry"));
        stage_clear(&s);
    }
}

/* Weight-normalised pairs, each with training's K a constant times the quotient's cometric on its leaf: together only one pair has that, as the
   constants of the leaves are independent. 21 pairs are audited unit by unit. */
static void
test_scales_of_units(void ** state)
{
    static const slong pairs[] = {1, 2, 21};
    (void) state;

    for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++)
    {
        slong n = pairs[k];
        caustic_text_t text;
        stage s;

        caustic_text_init(text);
        caustic_text_append(text, "name: pairs\nparameters: [");
        for (slong i = 0; i < n; i++)
            caustic_text_printf(text, "%s{name: a%ld}, {name: b%ld}", i == 0 ? "" : ", ", (long) i, (long) i);
        caustic_text_append(text, "]\nmetric:\n");
        for (slong i = 0; i < 2 * n; i++)
            for (slong j = 0; j < 2 * n; j++)
            {
                caustic_text_append(text, j == 0 ? "  - [" : ", ");
                if (i == j)
                    caustic_text_printf(text, "a%ld^2 + b%ld^2", (long) (i / 2), (long) (i / 2));
                else
                    caustic_text_append(text, "0");
                caustic_text_append(text, j == 2 * n - 1 ? "]\n" : "");
            }
        caustic_text_append(text, "action:\n  generators:\n");
        for (slong i = 0; i < n; i++)
            for (slong j = 0; j < 2 * n; j++)
            {
                caustic_text_append(text, j == 0 ? "    - [" : ", ");
                if (j / 2 == i)
                    caustic_text_printf(text, "%s%ld", j % 2 == 0 ? "a" : "b", (long) i);
                else
                    caustic_text_append(text, "0");
                caustic_text_append(text, j == 2 * n - 1 ? "]\n" : "");
            }
        caustic_text_append(text, "quotient:\n");
        for (slong i = 0; i < n; i++)
            caustic_text_printf(text, "  - {name: z%ld, is: a%ld/b%ld}\n", (long) i, (long) i, (long) i);
        for (slong i = 0; i < n; i++)
            caustic_text_printf(text, "%sz%ld, 1", i == 0 ? "section: [" : ", ", (long) i);
        for (slong i = 0; i < n; i++)
            caustic_text_printf(text, "%sb%ld", i == 0 ? "]\nstratum: [" : ", ", (long) i);
        caustic_text_append(text, "]\n");

        stage_init(&s, text->data);
        assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_HOLDS_ON_LEAVES);
        assert_int_equal(s.audit->conserved, n);
        assert_int_equal(verdict_of(&s, "same_geometry"), n == 1 ? CAUSTIC_PROVED : CAUSTIC_REFUTED);
        stage_clear(&s);
        caustic_text_clear(text);
    }
}

/* What a covering chart does not show: decay towards 0 and the noise's volume must be carried to themselves by the finite elements.
   [AUDIT-16] */
static void
test_covering_charts(void ** state)
{
    static const struct
    {
        const char * text;
        caustic_verdict decay, noise;
    }
    cases[] =
    {
        {"name: flip\nparameters: [{name: x}]\nmetric: euclidean\nstratum: [x]\naction: {elements: [[-x]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\n", CAUSTIC_PROVED, CAUSTIC_PROVED},
        /* Decay takes 0 and 1, one point below, to 0 and 1/2. */
        {"name: reflection\nparameters: [{name: x}]\nmetric: euclidean\nstratum: [2*x - 1]\naction: {elements: [[1 - x]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\n", CAUSTIC_REFUTED, CAUSTIC_PROVED},
        /* F_0 = 1 does not see that the volume of A_0 is not even in x, and so the noise's drift not odd. */
        {"name: volume\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\nstratum: [x]\n"
            "action: {generators: [[0, 1]], elements: [[-x, y]]}\nquotient: [{name: z, is: x}]\nsection: [z, 0]\n"
            "optimiser: {metric: [[1, 0], [0, \"2 + x/(1 + x^2)\"]]}\n", CAUSTIC_PROVED, CAUSTIC_UNDECIDED},
        {"name: even\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\nstratum: [x]\n"
            "action: {generators: [[0, 1]], elements: [[-x, y]]}\nquotient: [{name: z, is: x}]\nsection: [z, 0]\n"
            "optimiser: {metric: [[1, 0], [0, \"2 + 1/(1 + x^2)\"]]}\n", CAUSTIC_PROVED, CAUSTIC_PROVED},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        stage s;

        stage_init(&s, cases[i].text);
        assert_int_equal(s.audit->verdict, CAUSTIC_AUDIT_HOLDS);
        if (verdict_of(&s, "weight_decay") != cases[i].decay || verdict_of(&s, "isotropic_noise") != cases[i].noise)
            fail_msg("%s: %d %d", cases[i].text, (int) verdict_of(&s, "weight_decay"), (int) verdict_of(&s, "isotropic_noise"));
        stage_clear(&s);
    }
}

static void
test_names(void ** state)
{
    (void) state;
    assert_string_equal(caustic_audit_verdict_name(CAUSTIC_AUDIT_HOLDS), "HOLDS");
    assert_string_equal(caustic_audit_verdict_name(CAUSTIC_AUDIT_HOLDS_ON_LEAVES), "HOLDS_ON_LEAVES");
    assert_string_equal(caustic_audit_verdict_name(CAUSTIC_AUDIT_FAILS), "FAILS");
    assert_string_equal(caustic_audit_verdict_name(CAUSTIC_AUDIT_UNDECIDED), "UNDECIDED");
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_neuron),
        cmocka_unit_test(test_invariant_optimisers),
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_rotations_and_refusals),
        cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_fibres_and_names),
        cmocka_unit_test(test_leaf_cometrics),
        cmocka_unit_test(test_leaf_charts),
        cmocka_unit_test(test_conserved),
        cmocka_unit_test(test_mirrors),
        cmocka_unit_test(test_isotropic_leaves),
        cmocka_unit_test(test_polar_units),
        cmocka_unit_test(test_geometry_of_leaves),
        cmocka_unit_test(test_scales_of_units),
        cmocka_unit_test(test_covering_charts),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
