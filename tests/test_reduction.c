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
#include <stdlib.h>
#include <string.h>
#include <caustic/case.h>

/* Reads a case from text; a mistake in the text fails the test with its message. */
static void
read_case(caustic_case_t problem, const char * text)
{
    caustic_error_t error;

    caustic_error_init(error);
    if (caustic_case_read_text(problem, text, strlen(text), "test.yaml", error) != CAUSTIC_OK)
        fail_msg("%ld:%ld: %s\n%s", (long) error->line, (long) error->column, error->message, text);
    caustic_error_clear(error);
}

static const caustic_check_struct *
find_check(const caustic_reduction_t reduction, const char * name)
{
    for (slong i = 0; i < reduction->checks->length; i++)
        if (strcmp(reduction->checks->entries[i].name, name) == 0)
            return reduction->checks->entries + i;

    fail_msg("no check named %s", name);
    return NULL;
}

static void
assert_verdict(const caustic_reduction_t reduction, const char * name, caustic_verdict verdict)
{
    const caustic_check_struct * check = find_check(reduction, name);

    if (check->verdict != verdict)
        fail_msg("%s is %s: %s", name, caustic_verdict_name(check->verdict), check->detail);
}

static void
assert_expr(const caustic_pool * pool, caustic_expr e, const char * expected)
{
    char * text = caustic_expr_string(pool, e);

    assert_string_equal(text, expected);
    flint_free(text);
}

static const char * const neuron =
    "name: neuron\n"
    "parameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
    "metric: [[\"a^2\", \"0\"], [\"0\", \"w^2\"]]\n"
    "action: {generators: [[\"-a\", \"w\"]]}\n"
    "quotient: [{name: z, is: \"a*w\", domain: \"(0, inf)\"}]\n"
    "section: [\"1\", \"z\"]\n"
    "loss: \"(a*w - 2)^2/2\"\n";

/* The neuron with one line replaced: how each identity is made to fail. */
static char *
neuron_with(const char * from, const char * to)
{
    const char * place = strstr(neuron, from);
    caustic_text_t text;
    char * result;

    assert_non_null(place);
    caustic_text_init(text);
    caustic_text_append_length(text, neuron, (size_t) (place - neuron));
    caustic_text_append(text, to);
    caustic_text_append(text, place + strlen(from));
    result = caustic_text_take(text);
    caustic_text_clear(text);
    return result;
}

static void
test_neuron(void ** state)
{
    static const char * const names[] =
        {"invariance", "section", "isometry", "projectability", "metric", "loss", "dimension"};
    caustic_case_t problem;
    caustic_reduction_t reduction;
    (void) state;

    read_case(problem, neuron);
    caustic_reduction_init(reduction, problem->setting);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_verdict(reduction, names[i], CAUSTIC_PROVED);

    assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_PROVED);
    assert_true(reduction->derived);
    assert_expr(problem->pool, reduction->cometric_expr[0], "2*z^2");
    assert_expr(problem->pool, reduction->drift_expr[0], "2*z");
    assert_expr(problem->pool, reduction->loss, "(z - 2)^2/2");
    assert_int_equal(reduction->assumptions_length, 0); /* translations in the logarithms */

    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
}

typedef struct
{
    const char * from;
    const char * to;
    const char * check;
    caustic_verdict verdict;
}
failure;

static void
test_each_identity_can_fail(void ** state)
{
    static const failure failures[] =
    {
        {"\"a*w\"", "\"a*w^2\"", "invariance", CAUSTIC_REFUTED},
        {"\"a*w\"", "\"a*w + 10^-30*a\"", "invariance", CAUSTIC_REFUTED},
        {"[\"1\", \"z\"]", "[\"1\", \"2*z\"]", "section", CAUSTIC_REFUTED},
        {"[\"1\", \"z\"]", "[\"1\", \"z + 10^-40\"]", "section", CAUSTIC_REFUTED},
        {"[\"1\", \"z\"]", "[\"-1\", \"-z\"]", "section", CAUSTIC_REFUTED}, /* leaves the domain */
        {"is: \"a*w\", domain: \"(0, inf)\"", "is: \"a*w\", domain: \"(1, inf)\"", "section", CAUSTIC_REFUTED},
        {"is: \"a*w\", domain: \"(0, inf)\"", "is: \"a*w\", domain: \"(-1, inf)\"", "section", CAUSTIC_REFUTED},
        {"[[\"a^2\", \"0\"], [\"0\", \"w^2\"]]", "euclidean", "isometry", CAUSTIC_REFUTED},
        {"\"a^2\"", "\"a^2 + 10^-30\"", "isometry", CAUSTIC_REFUTED},
        {"[[\"a^2\", \"0\"], [\"0\", \"w^2\"]]", "euclidean", "projectability", CAUSTIC_REFUTED},
        {"[[\"a^2\", \"0\"], [\"0\", \"w^2\"]]", "[[\"a^2\", \"a*w\"], [\"0\", \"w^2\"]]", "metric", CAUSTIC_REFUTED},
        {"[[\"a^2\", \"0\"], [\"0\", \"w^2\"]]", "[[\"a^2\", \"2*a*w\"], [\"2*a*w\", \"w^2\"]]", "metric", CAUSTIC_REFUTED},
        {"[[\"a^2\", \"0\"], [\"0\", \"w^2\"]]", "[[\"-a^2\", \"0\"], [\"0\", \"w^2\"]]", "metric", CAUSTIC_REFUTED},
        {"(a*w - 2)^2/2", "(a*w - 2)^2/2 + 10^-50*a", "loss", CAUSTIC_REFUTED},
        {"(a*w - 2)^2/2", "a^2 + w^2", "loss", CAUSTIC_REFUTED},
        {"[[\"-a\", \"w\"]]", "[[\"-a\", \"w\"], [\"-2*a\", \"2*w\"]]", "dimension", CAUSTIC_REFUTED},
        {"[[\"-a\", \"w\"]]", "[[\"0\", \"0\"]]", "dimension", CAUSTIC_REFUTED},
        {"[[\"-a\", \"w\"]]", "[]", "dimension", CAUSTIC_REFUTED},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
    {
        char * text = neuron_with(failures[i].from, failures[i].to);
        caustic_case_t problem;
        caustic_reduction_t reduction;

        read_case(problem, text);
        caustic_reduction_init(reduction, problem->setting);
        assert_verdict(reduction, failures[i].check, failures[i].verdict);
        assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_REFUTED);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
        flint_free(text);
    }
}

/* A loss that is refuted does not reach the quotient. */
/* Identities that hold where everything is defined, about things that are not. */
static void
test_what_is_not_defined_everywhere(void ** state)
{
    static const struct
    {
        const char * text;
        const char * check;
        caustic_verdict verdict;
    }
    cases[] =
    {
        /* the line turned inside out is not the line */
        {"parameters: [{name: x}]\nmetric: euclidean\nquotient: [{name: z, is: \"1/x\"}]\nsection: [\"1/z\"]\n",
            "invariance", CAUSTIC_REFUTED},
        {"parameters: [{name: x}]\nmetric: euclidean\nquotient: [{name: z, is: \"1/x\"}]\nsection: [\"1/z\"]\n",
            "section", CAUSTIC_REFUTED},
        {"parameters: [{name: x, domain: \"(0, inf)\"}]\nmetric: euclidean\n"
            "quotient: [{name: z, is: \"1/x\", domain: \"(0, inf)\"}]\nsection: [\"1/z\"]\n", "section", CAUSTIC_PROVED},
        /* determinant 1, and a pole off the diagonal */
        {"parameters: [{name: x}, {name: y}]\nmetric: [[\"1\", \"1/x\"], [\"1/x\", \"1 + 1/x^2\"]]\n", "metric", CAUSTIC_REFUTED},
        {"parameters: [{name: x}, {name: y}]\nmetric: [[\"1\", \"1/x\"], [\"1/x\", \"1 + 1/x^2\"]]\nstratum: [\"x\"]\n", "metric", CAUSTIC_PROVED},
        {"parameters: [{name: x, domain: \"(0, inf)\"}, {name: y}]\nmetric: [[\"1\", \"1/x\"], [\"1/x\", \"1 + 1/x^2\"]]\n", "metric", CAUSTIC_PROVED},
        /* two sheets over (0, inf), none over (-1, 0), where the cometric would be negative */
        {"parameters: [{name: x}]\nmetric: euclidean\nquotient: [{name: z, is: \"(x - 1)^2\", domain: \"(-1, inf)\"}]\n"
            "section: [\"1 + sqrt(z)\"]\n", "section", CAUSTIC_REFUTED},
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[\"x/x\", \"0\"]]}\n"
            "quotient: [{name: z, is: y}]\nsection: [\"0\", \"z\"]\n", "invariance", CAUSTIC_REFUTED},
        {"parameters: [{name: x}]\nmetric: [[\"1 + sqrt(x^2)\"]]\n", "metric", CAUSTIC_UNDECIDED}, /* a kink */
        {"parameters: [{name: x}]\nmetric: [[\"1 + sqrt(x^2 + 1)\"]]\n", "metric", CAUSTIC_PROVED},
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x*(x/x)\"]]}\nquotient: [{name: z, is: \"x^2\"}]\n"
            "section: [\"sqrt(z)\"]\n", "isometry", CAUSTIC_REFUTED},
        {"parameters: [{name: x}]\nmetric: euclidean\nloss: \"log(x)\"\n", "loss", CAUSTIC_REFUTED},
        {"parameters: [{name: x}]\nmetric: euclidean\nloss: \"log(-1 - x^2)\"\n", "loss", CAUSTIC_REFUTED},
        {"parameters: [{name: x}]\nmetric: euclidean\nloss: \"log(1 + x^2)\"\n", "loss", CAUSTIC_PROVED},
        {"parameters: [{name: x}]\nmetric: euclidean\nloss: \"abs(x)\"\n", "loss", CAUSTIC_PROVED}, /* a kink is allowed */
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_text_t text;

        caustic_text_init(text);
        caustic_text_printf(text, "name: domain\n%s", cases[i].text);
        read_case(problem, text->data);
        caustic_reduction_init(reduction, problem->setting);
        assert_verdict(reduction, cases[i].check, cases[i].verdict);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
        caustic_text_clear(text);
    }
}

static int
is_assumed(const caustic_reduction_t reduction, const char * what)
{
    for (slong i = 0; i < reduction->assumptions_length; i++)
        if (strcmp(reduction->assumptions[i], what) == 0)
            return 1;

    return 0;
}

/* A box with holes is neither complete nor moved into itself by translations; and what vanishes in the
   holes only is positive. */
static void
test_strata(void ** state)
{
    static const struct
    {
        const char * text;
        caustic_verdict section;
        int complete, proper;
    }
    cases[] =
    {
        {"stratum: [x]\naction: {generators: [[\"1\", \"0\"]]}\nquotient: [{name: z, is: y}]\nsection: [\"1\", \"z\"]\n",
            CAUSTIC_PROVED, 0, 0},
        {"stratum: [\"x^2 + 1\"]\naction: {generators: [[\"1\", \"0\"]]}\nquotient: [{name: z, is: y}]\nsection: [\"1\", \"z\"]\n",
            CAUSTIC_PROVED, 1, 1},
        {"action: {generators: [[\"1\", \"0\"]]}\nquotient: [{name: z, is: y}]\nsection: [\"1\", \"z\"]\n",
            CAUSTIC_PROVED, 1, 1},
        {"stratum: [\"x^2 + y^2\"]\naction: {generators: [[\"-y\", \"x\"]]}\n"
            "quotient: [{name: z, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\nsection: [\"sqrt(z)\", \"0\"]\n", CAUSTIC_PROVED, 0, 0},
        {"action: {generators: [[\"-y\", \"x\"]]}\n"
            "quotient: [{name: z, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\nsection: [\"sqrt(z)\", \"0\"]\n", CAUSTIC_UNDECIDED, 1, 0},
        {"stratum: [x]\naction: {generators: [[\"-y\", \"x\"]]}\n"
            "quotient: [{name: z, is: \"x^2 + y^2\", domain: \"(1, inf)\"}]\nsection: [\"sqrt(z)\", \"0\"]\n", CAUSTIC_REFUTED, 0, 0},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_text_t text;

        caustic_text_init(text);
        caustic_text_printf(text, "name: strata\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\n%s", cases[i].text);
        read_case(problem, text->data);
        caustic_reduction_init(reduction, problem->setting);
        assert_verdict(reduction, "section", cases[i].section);
        assert_int_equal(is_assumed(reduction, "completeness"), !cases[i].complete);
        assert_int_equal(is_assumed(reduction, "properness"), !cases[i].proper);
        assert_true(cases[i].section != CAUSTIC_UNDECIDED
            || strstr(find_check(reduction, "section")->detail, "open") != NULL);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
        caustic_text_clear(text);
    }
}

static void
test_refuted_loss_stays_upstairs(void ** state)
{
    char * text = neuron_with("(a*w - 2)^2/2", "a + w");
    caustic_case_t problem;
    caustic_reduction_t reduction;
    (void) state;

    read_case(problem, text);
    caustic_reduction_init(reduction, problem->setting);
    assert_int_equal(reduction->loss, CAUSTIC_NONE);
    assert_non_null(strstr(find_check(reduction, "loss")->detail, "fails at a = "));
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
    flint_free(text);
}

/* Rotations of the plane: an orbit space with a stratum, a square root in the section. */
static void
test_rotations(void ** state)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    (void) state;

    read_case(problem,
        "name: rotations\n"
        "parameters: [{name: x, domain: \"(-inf, inf)\"}, {name: y, domain: \"(-inf, inf)\"}]\n"
        "metric: euclidean\n"
        "action: {generators: [[\"-y\", \"x\"]]}\n"
        "stratum: [\"x^2 + y^2\"]\n"
        "quotient: [{name: z, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\n"
        "section: [\"sqrt(z)\", \"0\"]\n");
    caustic_reduction_init(reduction, problem->setting);

    assert_verdict(reduction, "invariance", CAUSTIC_PROVED);
    assert_verdict(reduction, "isometry", CAUSTIC_PROVED);
    assert_verdict(reduction, "projectability", CAUSTIC_PROVED);
    assert_verdict(reduction, "metric", CAUSTIC_PROVED);
    assert_verdict(reduction, "dimension", CAUSTIC_PROVED);
    assert_expr(problem->pool, reduction->cometric_expr[0], "4*z");
    assert_expr(problem->pool, reduction->drift_expr[0], "4");
    assert_true(reduction->assumptions_length > 0); /* rotations are no translations */
    assert_false(caustic_reduction_is_punctured(reduction)); /* q > 0 leaves the origin out */

    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
}

/* A finite element: the swap of two weights keeps their product and the metric; a shift does not. */
static void
test_finite_elements(void ** state)
{
    char * text = neuron_with("action: {generators: [[\"-a\", \"w\"]]}",
        "action: {generators: [[\"-a\", \"w\"]], elements: [[\"w\", \"a\"]]}");
    caustic_case_t problem;
    caustic_reduction_t reduction;
    (void) state;

    read_case(problem, text);
    caustic_reduction_init(reduction, problem->setting);
    assert_verdict(reduction, "invariance", CAUSTIC_PROVED);
    assert_verdict(reduction, "isometry", CAUSTIC_PROVED);
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
    flint_free(text);

    text = neuron_with("action: {generators: [[\"-a\", \"w\"]]}",
        "action: {generators: [[\"-a\", \"w\"]], elements: [[\"a + 1\", \"w\"]]}");
    read_case(problem, text);
    caustic_reduction_init(reduction, problem->setting);
    assert_verdict(reduction, "invariance", CAUSTIC_REFUTED);
    assert_verdict(reduction, "isometry", CAUSTIC_REFUTED);
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
    flint_free(text);
}

/* Chains of any depth: g = D z^2, b = D z. */
static void
test_chains(void ** state)
{
    (void) state;

    for (int depth = 2; depth <= 8; depth++)
    {
        char text[200], expected[40];
        caustic_case_t problem;
        caustic_reduction_t reduction;

        snprintf(text, sizeof(text), "name: chain\npreset: {kind: relu-chain, depth: %d}\n", depth);
        read_case(problem, text);
        caustic_reduction_init(reduction, problem->setting);
        assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_PROVED);
        snprintf(expected, sizeof(expected), "%d*z^2", depth);
        assert_expr(problem->pool, reduction->cometric_expr[0], expected);
        snprintf(expected, sizeof(expected), "%d*z", depth);
        assert_expr(problem->pool, reduction->drift_expr[0], expected);
        assert_int_equal(reduction->assumptions_length, 0);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
    }
}

/* A change of chart z = exp(s) of the flat line, no group at all. */
static void
test_trivial_group(void ** state)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    (void) state;

    read_case(problem,
        "name: chart\n"
        "parameters: [{name: s, domain: \"(-inf, inf)\"}]\n"
        "metric: euclidean\n"
        "quotient: [{name: z, is: \"exp(s)\", domain: \"(0, inf)\"}]\n"
        "section: [\"log(z)\"]\n"
        "loss: \"z^2\"\n");
    caustic_reduction_init(reduction, problem->setting);
    assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_PROVED);
    assert_expr(problem->pool, reduction->cometric_expr[0], "z^2");
    assert_expr(problem->pool, reduction->drift_expr[0], "z");
    assert_int_equal(reduction->assumptions_length, 0);
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neuron),
        cmocka_unit_test(test_each_identity_can_fail),
        cmocka_unit_test(test_what_is_not_defined_everywhere),
        cmocka_unit_test(test_strata),
        cmocka_unit_test(test_refuted_loss_stays_upstairs),
        cmocka_unit_test(test_rotations),
        cmocka_unit_test(test_finite_elements),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_trivial_group),
    };

    int failures = cmocka_run_group_tests_name("reduction", tests, NULL, NULL);

    flint_cleanup_master();
    return failures;
}
