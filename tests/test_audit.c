/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The audit against what is known by hand, and against near misses.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <caustic/audit.h>
#include <caustic/case.h>

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
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
