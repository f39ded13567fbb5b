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
#include "problem.h"

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
            || strstr(find_check(reduction, "section")->detail, "neither proved nor refuted") != NULL);
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

/* The verdict of one check of a case, with the detail for messages. */
static caustic_verdict
verdict_of(const char * text, const char * name, caustic_text_t detail)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;

    read_case(problem, text);
    caustic_reduction_init(reduction, problem->setting);
    caustic_text_reset(detail);
    for (slong i = 0; i < reduction->checks->length; i++)
    {
        if (strcmp(reduction->checks->entries[i].name, name) == 0)
        {
            verdict = reduction->checks->entries[i].verdict;
            caustic_text_append(detail, reduction->checks->entries[i].detail);
        }
    }
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
    return verdict;
}

/* What vanishes only where the stratum's expressions do is positive; near misses are not. */
static void
test_positive_on_strata(void ** state)
{
    static const struct
    {
        const char * entry;
        const char * stratum;
        caustic_verdict verdict;
    }
    cases[] =
    {
        {"x^2 + y^2", "x", CAUSTIC_PROVED},
        {"x^2 + y^2", "x - y", CAUSTIC_PROVED},
        {"x^2 + y^2", "x*y", CAUSTIC_PROVED},
        {"x^2 + y^2", "x - 1", CAUSTIC_UNDECIDED},
        {"x^2 + y^2", "z", CAUSTIC_UNDECIDED},
        {"x^2 + y^2", "1/(x^2 + y^2)", CAUSTIC_UNDECIDED}, /* defined off the origin only, but not everywhere */
        {"x^2 + y^2", "sqrt(x^2 + y^2) + y", CAUSTIC_PROVED},
        {"x^2 + y^2", "sqrt(x^2 + y^2)", CAUSTIC_PROVED},
        {"x^2 + y^2", "sqrt(x^2 + y^2) + 1", CAUSTIC_UNDECIDED},
        {"x^2 + y^2", "sqrt(x^2 + y^2 + z^2) + z", CAUSTIC_UNDECIDED}, /* 2 z, for z > 0, on the axis */
        {"x^2 + y^2", "sqrt(x^2 + y^2 + z^2) - sqrt(z^2)", CAUSTIC_PROVED},
        {"x^2 + y^2 + z^2", "sqrt(x^2 + y^2 + z^2) + z", CAUSTIC_PROVED},
        {"x^2 + (y - 1)^2", "x", CAUSTIC_PROVED},
        {"x^2 + (y - 1)^2", "y - 1", CAUSTIC_PROVED},
        {"x^2 + (y - 1)^2", "y", CAUSTIC_UNDECIDED},
        {"(x - y)^2 + z^2", "x - y + z", CAUSTIC_PROVED},
        {"(x - y)^2 + z^2", "x^2 - y^2 + 5*z^3", CAUSTIC_PROVED},
        {"(x - y)^2 + z^2", "x + y", CAUSTIC_UNDECIDED},
        {"(x - y)^2 + z^2", "x^2 + y^2", CAUSTIC_UNDECIDED},
        {"x^2 - y^2", "x", CAUSTIC_REFUTED},
        {"x^2*y^2 + z^2", "x", CAUSTIC_UNDECIDED}, /* y = z = 0 remains */
        {"x^2*y^2 + z^2", "x*y", CAUSTIC_PROVED},
        {"x^2*y^2 + z^2", "x*y + z", CAUSTIC_PROVED},
        {"x^4*y^2 + x^2*z^4 + y^6", "x*y + y*z", CAUSTIC_PROVED},
        {"x^4*y^2 + x^2*z^4 + y^6", "x + y", CAUSTIC_UNDECIDED}, /* y = z = 0 */
        {"x^2*(x^2 + y^2 + 1)", "x", CAUSTIC_PROVED},
        {"x^2*(x^2 + y^2)^3", "x", CAUSTIC_PROVED},
        {"x*(x^2 + y^2)", "x", CAUSTIC_REFUTED}, /* without zeros, but of both signs */
        {"x^2*y^2", "x", CAUSTIC_UNDECIDED},
        {"(x*y - z)^2*(1 + x^2)", "z - x*y", CAUSTIC_PROVED},
        /* sums of squares of polynomials */
        {"(x*y - z^2)^2 + x^4 + y^2*z^2", "x*y - z^2", CAUSTIC_PROVED},
        {"(x*y - z^2)^2 + (x^2 - y*z)^2", "x*y - z^2", CAUSTIC_PROVED},
        {"(x*y - z^2)^2 + (x^2 - y*z)^2", "y*(x^2 - y*z)", CAUSTIC_PROVED},
        {"(x*y - z^2)^2 + (x^2 - y*z)^2", "x*y + z^2", CAUSTIC_UNDECIDED}, /* x = y = z = 1 */
        {"(x*y - z^2)^2 + (x^2 - y*z)^2 - z^4/100", "x*y - z^2", CAUSTIC_UNDECIDED}, /* negative near x = y = z */
        {"(x - y*z + z^2)^2 + (x^3 - z)^2", "(x - y*z + z^2)^3", CAUSTIC_PROVED},
        /* a root among several factors has factors itself */
        {"x^2 + y^2", "sqrt((2*z + y)^2 + 1)*(z - x + 1)*(2*x + y - z - 1)*(x - y)", CAUSTIC_PROVED},
        {"x^2 + y^2", "sqrt((2*z + y)^2 + 1)*(z - x + 1)*(2*x + y - z - 1)*(x - y - z)", CAUSTIC_UNDECIDED},
    };
    caustic_text_t text, detail;
    (void) state;

    caustic_text_init(text);
    caustic_text_init(detail);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_verdict verdict;

        caustic_text_reset(text);
        caustic_text_printf(text, "name: stratum\nparameters: [{name: x}, {name: y}, {name: z}]\n"
            "metric: [[\"%s\", \"0\", \"0\"], [\"0\", \"1\", \"0\"], [\"0\", \"0\", \"1\"]]\nstratum: [\"%s\"]\n",
            cases[i].entry, cases[i].stratum);
        verdict = verdict_of(text->data, "metric", detail);
        if (verdict != cases[i].verdict)
            fail_msg("%s > 0 where %s is not 0: %s: %s", cases[i].entry, cases[i].stratum,
                caustic_verdict_name(verdict), detail->data);
    }
    caustic_text_clear(text);
    caustic_text_clear(detail);
}

/* B = V^T V for a 3 x 2 matrix V, twice, and near misses. */
static void
test_gram_blocks(void ** state)
{
    static const struct
    {
        const char * first;
        const char * off;
        const char * second;
        const char * stratum;
        caustic_verdict verdict;
    }
    cases[] =
    {
        {"a^2 + b^2 + c^2", "a*d + b*e + c*f", "d^2 + e^2 + f^2", "a*e - b*d", CAUSTIC_PROVED},
        {"a^2 + b^2 + c^2", "a*d + b*e + c*f", "d^2 + e^2 + f^2", "b*f - c*e", CAUSTIC_PROVED},
        {"a^2 + 3*b^2 + c^2", "2*a*d - 6*b*e + c*f/3", "4*d^2 + 12*e^2 + f^2/9", "a*e + b*d", CAUSTIC_PROVED},
        {"a^2 + b^2 + c^2", "a*d + b*e", "d^2 + e^2 + f^2", "c", CAUSTIC_UNDECIDED},
        {"a^2 + b^2 + c^2", "a*d + b*e", "d^2 + e^2 + f^2", "c*f", CAUSTIC_PROVED},
        /* the stratum is no minor */
        {"a^2 + b^2 + c^2", "a*d + b*e + c*f", "d^2 + e^2 + f^2", "a*e - b*f", CAUSTIC_UNDECIDED},
        {"a^2 + b^2 + c^2", "a*d + b*e + c*f", "d^2 + e^2 + f^2", "a*d", CAUSTIC_UNDECIDED},
        /* one entry is off */
        {"a^2 + b^2 + c^2", "a*d + b*e + c*f", "d^2 + e^2", "a*e - b*d", CAUSTIC_REFUTED},
        {"a^2 + b^2 + c^2", "a*d + b*e + 2*c*f", "d^2 + e^2 + f^2", "a*e - b*d", CAUSTIC_REFUTED},
        {"a^2 + b^2 + c^2", "a*d + b*e + 1.001*c*f", "d^2 + e^2 + f^2", "a*e - b*d", CAUSTIC_UNDECIDED},
        {"a^2 + b^2 - c^2", "a*d + b*e + c*f", "d^2 + e^2 + f^2", "a*e - b*d", CAUSTIC_REFUTED},
    };
    caustic_text_t text, detail;
    (void) state;

    caustic_text_init(text);
    caustic_text_init(detail);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        const char * p = cases[i].first, * q = cases[i].off, * r = cases[i].second;
        caustic_verdict verdict;

        caustic_text_reset(text);
        caustic_text_printf(text, "name: gram\nparameters: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}]\n"
            "metric: [[\"%s\", \"0\", \"%s\", \"0\", \"0\", \"0\"], [\"0\", \"%s\", \"0\", \"%s\", \"0\", \"0\"],"
            " [\"%s\", \"0\", \"%s\", \"0\", \"0\", \"0\"], [\"0\", \"%s\", \"0\", \"%s\", \"0\", \"0\"],"
            " [\"0\", \"0\", \"0\", \"0\", \"1\", \"0\"], [\"0\", \"0\", \"0\", \"0\", \"0\", \"1\"]]\nstratum: [\"%s\"]\n",
            p, q, p, q, q, r, q, r, cases[i].stratum);
        verdict = verdict_of(text->data, "metric", detail);
        if (verdict != cases[i].verdict)
            fail_msg("[[%s, %s], [., %s]] where %s is not 0: %s: %s", p, q, r, cases[i].stratum,
                caustic_verdict_name(verdict), detail->data);
    }
    caustic_text_clear(text);
    caustic_text_clear(detail);
}

/* B = (V^T V)^-1 (x) (W^T W)^-1 with 3 x 2 matrices V and W, given as fractions, and near misses. */
static void
test_products_of_inverses(void ** state)
{
    static const char * const v = "((a*e - b*d)^2 + (a*f - c*d)^2 + (b*f - c*e)^2)";
    static const char * const w = "((g*k - h*j)^2 + (g*l - i*j)^2 + (h*l - i*k)^2)";
    static const struct
    {
        const char * corner; /* of the second factor */
        const char * strata;
        caustic_verdict verdict;
    }
    cases[] =
    {
        {"g^2 + h^2 + i^2", "a*e - b*d, h*l - i*k", CAUSTIC_PROVED},
        {"g^2 + h^2 + i^2", "a*e - b*d, h*l + i*k", CAUSTIC_UNDECIDED},
        {"g^2 + h^2 + 1.01*i^2", "a*e - b*d, g*k - h*j", CAUSTIC_PROVED}, /* no Gram matrix, but larger than one */
        {"g^2 + h^2 + 0.99*i^2", "a*e - b*d, g*k - h*j", CAUSTIC_UNDECIDED},
        {"-g^2", "a*e - b*d, g*k - h*j", CAUSTIC_REFUTED},
    };
    caustic_text_t text, detail;
    (void) state;

    caustic_text_init(text);
    caustic_text_init(detail);
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
    {
        static const char * const x[4] = {"(d^2 + e^2 + f^2)", "(-a*d - b*e - c*f)", "(-a*d - b*e - c*f)", "(a^2 + b^2 + c^2)"};
        const char * y[4] = {"j^2 + k^2 + l^2", "-g*j - h*k - i*l", "-g*j - h*k - i*l", cases[c].corner};
        caustic_verdict verdict;

        caustic_text_reset(text);
        caustic_text_append(text, "name: product\nparameters: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f},"
            " {name: g}, {name: h}, {name: i}, {name: j}, {name: k}, {name: l}]\nmetric:\n");
        for (int row = 0; row < 12; row++)
        {
            caustic_text_append(text, "- [");
            for (int column = 0; column < 12; column++)
            {
                if (row < 4 && column < 4)
                    caustic_text_printf(text, "\"%s*(%s)/(%s*%s)\"", x[(row / 2) * 2 + column / 2], y[(row % 2) * 2 + column % 2], v, w);
                else
                    caustic_text_append(text, row == column ? "1" : "0");
                caustic_text_append(text, column < 11 ? ", " : "]\n");
            }
        }
        caustic_text_printf(text, "stratum: [%s]\n", cases[c].strata);
        verdict = verdict_of(text->data, "metric", detail);
        if (verdict != cases[c].verdict)
            fail_msg("%s, where %s are not 0: %s: %s", cases[c].corner, cases[c].strata, caustic_verdict_name(verdict), detail->data);
    }
    caustic_text_clear(text);
    caustic_text_clear(detail);
}

/* The public face of both, with the factor looked at. */
static void
test_field_on_strata(void ** state)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_interval_struct domains[2];
    caustic_expr symbols[2], stratum;
    gr_ctx_t ctx;
    gr_mat_t matrix, factor, weights;
    gr_ptr x;
    (void) state;

    symbols[0] = caustic_symbol(pool, "x");
    symbols[1] = caustic_symbol(pool, "y");
    caustic_interval_init(domains);
    caustic_interval_init(domains + 1);
    caustic_field_ctx_init(ctx, pool, symbols, domains, 2);
    gr_mat_init(matrix, 2, 2, ctx);
    GR_TMP_INIT(x, ctx);
    stratum = symbols[0];

    assert_int_equal(caustic_field_set_expr(x, caustic_power_si(pool, symbols[0], 3), ctx), GR_SUCCESS);
    assert_int_equal(caustic_field_sign_on(x, &stratum, 1, ctx), CAUSTIC_SIGN_UNKNOWN);
    assert_true(caustic_field_is_nonzero_on(x, &stratum, 1, ctx));
    assert_false(caustic_field_is_nonzero_on(x, &stratum, 0, ctx));
    assert_false(caustic_field_is_nonzero_on(x, symbols + 1, 1, ctx));
    assert_int_equal(gr_neg(x, x, ctx) | gr_mul(x, x, x, ctx) | gr_neg(x, x, ctx), GR_SUCCESS);
    assert_int_equal(caustic_field_sign_on(x, &stratum, 1, ctx), CAUSTIC_SIGN_NEGATIVE);
    assert_int_equal(caustic_field_sign_on(x, NULL, 0, ctx), CAUSTIC_SIGN_NONPOSITIVE);
    assert_int_equal(gr_inv(x, x, ctx), GR_SUCCESS);
    assert_int_equal(caustic_field_sign_on(x, &stratum, 1, ctx), CAUSTIC_SIGN_NEGATIVE);
    assert_true(caustic_field_is_nonzero_on(x, &stratum, 1, ctx));
    assert_false(caustic_field_is_nonzero_on(x, symbols + 1, 1, ctx));

    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            assert_int_equal(caustic_field_set_expr(gr_mat_entry_ptr(matrix, i, j, ctx),
                caustic_mul(pool, symbols[i], symbols[j]), ctx), GR_SUCCESS);
    assert_true(caustic_field_gram(factor, weights, matrix, ctx)); /* of rank one */
    assert_int_equal(factor->r, 1);
    gr_mat_clear(factor, ctx);
    gr_mat_clear(weights, ctx);
    assert_int_equal(gr_add_si(gr_mat_entry_ptr(matrix, 0, 1, ctx), gr_mat_entry_ptr(matrix, 0, 1, ctx), 1, ctx), GR_SUCCESS);
    assert_false(caustic_field_gram(factor, weights, matrix, ctx));

    GR_TMP_CLEAR(x, ctx);
    gr_mat_clear(matrix, ctx);
    gr_ctx_clear(ctx);
    caustic_interval_clear(domains);
    caustic_interval_clear(domains + 1);
    caustic_pool_free(pool);
}

/* A place where the action is not free, and what it does to invariant metrics. */
static void
test_actions_that_are_not_free(void ** state)
{
    static const struct
    {
        const char * text;
        caustic_verdict verdict;
        const char * says;
        const char * never_says;
    }
    cases[] =
    {
        /* rotations fix the origin, and keep metrics there */
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[\"-y\", \"x\"]]}\n"
            "quotient: [{name: z, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\nsection: [\"sqrt(z)\", \"0\"]\n",
            CAUSTIC_REFUTED, "free: generator 1 vanishes at x = 0, y = 0", "no metric"},
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[\"-y\", \"x\"]]}\nstratum: [x]\n"
            "quotient: [{name: z, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\nsection: [\"sqrt(z)\", \"0\"]\n",
            CAUSTIC_PROVED, "everywhere", "not free"},
        /* scalings of the plane and shears of it do not */
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[\"x\", \"y\"]]}\n"
            "quotient: [{name: z, is: \"x/y\"}]\nsection: [\"z\", \"1\"]\n",
            CAUSTIC_REFUTED, "tr L^2 = 2, which is not negative", "nothing"},
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[\"y\", \"0\"]]}\n"
            "quotient: [{name: z, is: \"y\"}]\nsection: [\"0\", \"z\"]\n",
            CAUSTIC_REFUTED, "tr L^2 = 0, which is not negative", "nothing"},
        /* a field that vanishes to second order has L = 0 */
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[\"y^2\", \"0\"]]}\n"
            "quotient: [{name: z, is: \"y\"}]\nsection: [\"0\", \"z\"]\n",
            CAUSTIC_REFUTED, "free: generator 1 vanishes at x = 0, y = 0", "no metric"},
        /* twice the same generator */
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[1, 0], [2, 0]]}\n"
            "quotient: [{name: z, is: \"y\"}]\nsection: [\"0\", \"z\"]\n",
            CAUSTIC_REFUTED, "the generators are dependent: 2*generator 1 - generator 2 vanishes", "not free"},
        /* v u with v = (v1, v2), u = (u1, u2)^T: GL(2) is too large for any metric */
        {"parameters: [{name: u1}, {name: u2}, {name: v1}, {name: v2}]\nmetric: euclidean\nstratum: [\"u1*v1 + u2*v2\"]\n"
            "action: {generators: [[u1, \"0\", \"-v1\", \"0\"], [u2, \"0\", \"0\", \"-v1\"], [\"0\", u1, \"-v2\", \"0\"], [\"0\", u2, \"0\", \"-v2\"]]}\n"
            "quotient: [{name: z, is: \"u1*v1 + u2*v2\"}]\nsection: [\"z\", \"0\", \"1\", \"0\"]\n",
            CAUSTIC_REFUTED, "no metric near there is invariant", "nothing"},
    };
    caustic_text_t text, detail;
    (void) state;

    caustic_text_init(text);
    caustic_text_init(detail);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_reset(text);
        caustic_text_printf(text, "name: free\n%s", cases[i].text);
        if (verdict_of(text->data, "dimension", detail) != cases[i].verdict
            || strstr(detail->data, cases[i].says) == NULL || strstr(detail->data, cases[i].never_says) != NULL)
            fail_msg("%s%s", text->data, detail->data);
    }

    /* what is refuted is not assumed */
    for (int punctured = 0; punctured < 2; punctured++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;

        caustic_text_reset(text);
        caustic_text_printf(text, "name: turn\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[\"-y\", x]]}\n"
            "%squotient: [{name: z, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\nsection: [\"sqrt(z)\", 0]\n",
            punctured ? "stratum: [\"x^2 + y^2\"]\n" : "");
        read_case(problem, text->data);
        caustic_reduction_init(reduction, problem->setting);
        assert_int_equal(is_assumed(reduction, "freeness"), punctured);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
    }
    caustic_text_clear(text);
    caustic_text_clear(detail);
}

/* A section must not leave the stratum. */
static void
test_sections_and_strata(void ** state)
{
    static const char * const start = "name: section\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "action: {generators: [[\"1\", \"0\"]]}\nquotient: [{name: z, is: y}]\n";
    static const struct
    {
        const char * rest;
        caustic_verdict verdict;
    }
    cases[] =
    {
        {"stratum: [x]\nsection: [\"1\", \"z\"]\n", CAUSTIC_PROVED},
        {"stratum: [x]\nsection: [\"0\", \"z\"]\n", CAUSTIC_REFUTED},
        {"stratum: [x]\nsection: [\"z\", \"z\"]\n", CAUSTIC_UNDECIDED},
        {"stratum: [x, y]\nsection: [\"z\", \"z\"]\n", CAUSTIC_PROVED}, /* where there is an orbit, z is not 0 */
    };
    caustic_text_t text, detail;
    (void) state;

    caustic_text_init(text);
    caustic_text_init(detail);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_reset(text);
        caustic_text_printf(text, "%s%s", start, cases[i].rest);
        if (verdict_of(text->data, "section", detail) != cases[i].verdict)
            fail_msg("%s%s", text->data, detail->data);
    }
    caustic_text_clear(text);
    caustic_text_clear(detail);
}

/* N equal particles on the line: power sums, closed by undetermined coefficients. The references are Newton's
   identities. */
static void
test_power_sums(void ** state)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    (void) state;

    read_case(problem, "name: particles\nparameters: [{name: x}, {name: y}, {name: w}]\n"
        "metric: [[3, 0, 0], [0, 3, 0], [0, 0, 3]]\naction: {elements: [[y, x, w], [x, w, y]]}\n"
        "quotient: [{name: p1, is: (x + y + w)/3}, {name: p2, is: (x^2 + y^2 + w^2)/3}, {name: p3, is: (x^3 + y^3 + w^3)/3}]\n"
        "loss: \"x*y*w + (x*y + y*w + w*x)^2\"\n");
    caustic_reduction_init(reduction, problem->setting);
    assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_PROVED);
    assert_expr(problem->pool, reduction->cometric_expr[0], "1");
    assert_expr(problem->pool, reduction->cometric_expr[1], "2*p1");
    assert_expr(problem->pool, reduction->cometric_expr[5], "6*p3");
    /* 9 p_4 = 9 (9/2 p1^4 - 9 p1^2 p2 + 4 p1 p3 + 3/2 p2^2) */
    assert_expr(problem->pool, reduction->cometric_expr[8], "81*p1^4/2 - 81*p1^2*p2 + 36*p1*p3 + 27*p2^2/2");
    assert_expr(problem->pool, reduction->drift_expr[0], "0");
    assert_expr(problem->pool, reduction->drift_expr[1], "6");
    assert_expr(problem->pool, reduction->drift_expr[2], "18*p1");
    assert_int_not_equal(reduction->loss, CAUSTIC_NONE);
    assert_non_null(strstr(find_check(reduction, "section")->detail, "there is none"));
    assert_true(caustic_reduction_is_punctured(reduction)); /* the image is not the box */
    assert_true(is_assumed(reduction, "orbit separation"));
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
}

/* Closure without a section: what must pass, and what must not. The loss x (x^2 - 1) ... (x^2 - 51^2) is 0, an
   invariant polynomial, at every integer that could be tried, and is not invariant. */
static void
test_closure(void ** state)
{
    static const char * const square = "parameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "action: {elements: [[\"-y\", x], [x, \"-y\"]]}\n"
        "quotient: [{name: r, is: \"x^2 + y^2\"}, {name: s, is: \"x^2*y^2\"}]\n";
    static const char * const line = "parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
        "quotient: [{name: z, is: \"x^2\"}]\n";
    static const char * const sixth = "parameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "action: {elements: [[\"x/2 - sqrt(3)*y/2\", \"sqrt(3)*x/2 + y/2\"], [x, \"-y\"]]}\n"
        "quotient: [{name: r, is: \"x^2 + y^2\"}, {name: s, is: \"x^6 - 15*x^4*y^2 + 15*x^2*y^4 - y^6\"}]\n";
    static const struct
    {
        const char * const * start;
        const char * rest;
        const char * check;
        caustic_verdict verdict;
    }
    cases[] =
    {
        {&square, "", "projectability", CAUSTIC_PROVED},
        {&square, "", "invariance", CAUSTIC_PROVED},
        {&square, "loss: \"x^4 + y^4\"\n", "loss", CAUSTIC_PROVED},
        {&square, "loss: \"x^4 + y^4 + x^2 + y^2 - 7\"\n", "loss", CAUSTIC_PROVED},
        {&square, "loss: \"x^4 + 2*y^4\"\n", "loss", CAUSTIC_REFUTED},
        {&square, "loss: \"x*y\"\n", "loss", CAUSTIC_REFUTED},
        {&square, "loss: \"exp(-x^2 - y^2)\"\n", "loss", CAUSTIC_UNDECIDED},
        {&square, "loss: \"exp(-r)\"\n", "loss", CAUSTIC_PROVED},
        {&sixth, "", "projectability", CAUSTIC_PROVED},
        {&sixth, "", "isometry", CAUSTIC_PROVED},
        {&line, "loss: \"(x^2 - 3)^4\"\n", "loss", CAUSTIC_PROVED},
        {&line, "loss: \"x^3\"\n", "loss", CAUSTIC_REFUTED},
    };
    caustic_text_t text, detail;
    (void) state;

    caustic_text_init(text);
    caustic_text_init(detail);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_reset(text);
        caustic_text_printf(text, "name: closure\n%s%s", *cases[i].start, cases[i].rest);
        if (verdict_of(text->data, cases[i].check, detail) != cases[i].verdict)
            fail_msg("%s%s", text->data, detail->data);
    }

    caustic_text_reset(text);
    caustic_text_printf(text, "name: closure\n%sloss: \"x", line);
    for (int k = 1; k <= 60; k++)
        caustic_text_printf(text, "*(x^2 - %d)", k*k);
    caustic_text_append(text, "\"\n");
    assert_int_equal(verdict_of(text->data, "loss", detail), CAUSTIC_REFUTED);

    /* x*y is invariant too, and no polynomial in x^2 and y^2 */
    assert_int_equal(verdict_of("name: closure\nparameters: [{name: x}, {name: y}]\n"
        "metric: [[\"1\", \"0\"], [\"0\", \"1 + y^2\"]]\naction: {elements: [[\"-x\", \"-y\"]]}\n"
        "quotient: [{name: r, is: \"x^2\"}, {name: s, is: \"y^2\"}]\n", "projectability", detail), CAUSTIC_PROVED);
    assert_int_equal(verdict_of("name: closure\nparameters: [{name: x}, {name: y}]\n"
        "metric: [[\"1\", \"0\"], [\"0\", \"1 + (x*y)^2 + x*y\"]]\naction: {elements: [[\"-x\", \"-y\"]]}\n"
        "quotient: [{name: r, is: \"x^2\"}, {name: s, is: \"y^2\"}]\n", "projectability", detail), CAUSTIC_UNDECIDED);
    /* dependent invariants leave the ansatz without a unique solution */
    assert_int_equal(verdict_of("name: closure\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "action: {elements: [[\"-x\", \"-y\"]]}\n"
        "quotient: [{name: r, is: \"x^2\"}, {name: s, is: \"x^4\"}]\n", "dimension", detail), CAUSTIC_REFUTED);

    caustic_text_clear(text);
    caustic_text_clear(detail);
}

/* Finite elements that act on the chart of a cover. */
static void
test_covering_charts(void ** state)
{
    static const struct
    {
        const char * text;
        const char * check;
        caustic_verdict verdict;
        const char * says;
    }
    cases[] =
    {
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\nloss: \"z^4 - z^2\"\n", "invariance", CAUSTIC_PROVED, "cover"},
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\nloss: \"z^4 - z^2 + 10^-40*z\"\n", "loss", CAUSTIC_REFUTED, "fails at z = "},
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\nloss: \"x^3\"\n", "loss", CAUSTIC_REFUTED, "fails at z = "},
        /* another reflection, of which the loss knows or not */
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"10^-30 - x\"]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\nloss: \"z^2\"\n", "loss", CAUSTIC_REFUTED, "fails at z = "},
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"10^-30 - x\"]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\nloss: \"z*(z - 10^-30)\"\n", "loss", CAUSTIC_PROVED, "finite elements keep"},
        /* in another chart of the same line the reflection is 1/z */
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: exp(x), domain: \"(0, inf)\"}]\nsection: [log(z)]\nloss: \"z + 1/z\"\n", "invariance", CAUSTIC_PROVED, "cover"},
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: exp(x), domain: \"(0, inf)\"}]\nsection: [log(z)]\nloss: \"z + 1/z\"\n", "loss", CAUSTIC_PROVED, "finite elements keep"},
        /* no isometry of g */
        {"parameters: [{name: x}]\nmetric: [[exp(x)]]\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\n", "invariance", CAUSTIC_REFUTED, "of the cometric"},
        /* an isometry of g, not of b: the orbits' volume is not even */
        {"parameters: [{name: x}, {name: y}]\nmetric: [[1, 0], [0, exp(x)]]\naction: {generators: [[0, 1]], elements: [[\"-x\", y]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z, 0]\n", "invariance", CAUSTIC_REFUTED, "of the drift"},
        {"parameters: [{name: x}, {name: y}]\nmetric: [[1, 0], [0, 1 + x^2]]\naction: {generators: [[0, 1]], elements: [[\"-x\", y]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z, 0]\n", "invariance", CAUSTIC_PROVED, "cover"},
        /* a shear maps orbits to curves that are no orbits */
        {"parameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[0, 1]], elements: [[x + y, y]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z, 0]\n", "invariance", CAUSTIC_REFUTED, "not to a function of the invariants"},
        /* the chart ends where the reflection does not */
        {"parameters: [{name: x, domain: \"(-1, inf)\"}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: x, domain: \"(-1, inf)\"}]\nsection: [z]\n", "invariance", CAUSTIC_REFUTED, "above its lower bound"},
        /* an inversion of the punctured line, whose chart has a hole; and one that is not defined on the line */
        {"parameters: [{name: x}]\nstratum: [x]\nmetric: [[\"x^2\"]]\naction: {elements: [[1/x]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\nloss: \"(z - 1/z)^2\"\n", "invariance", CAUSTIC_PROVED, "cover"},
        {"parameters: [{name: x}]\nstratum: [x]\nmetric: [[\"x^2\"]]\naction: {elements: [[1/x]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\nloss: \"z - 1/z\"\n", "loss", CAUSTIC_REFUTED, "fails at z = "},
        {"parameters: [{name: x}]\nmetric: [[\"1 + x^2\"]]\naction: {elements: [[1/x]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z]\n", "invariance", CAUSTIC_REFUTED, "element 1"},
        /* nor does it keep this stratum */
        {"parameters: [{name: x}, {name: y}]\nstratum: [\"x - 1\"]\nmetric: euclidean\naction: {generators: [[0, 1]], elements: [[\"-x\", y]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z, 0]\n", "isometry", CAUSTIC_UNDECIDED, "into itself"},
        {"parameters: [{name: x}, {name: y}]\nstratum: [x]\nmetric: euclidean\naction: {generators: [[0, 1]], elements: [[\"-x\", y]]}\n"
            "quotient: [{name: z, is: x}]\nsection: [z, 0]\n", "isometry", CAUSTIC_PROVED, "keep it"},
        /* without a section there is no tau */
        {"parameters: [{name: x}]\nmetric: euclidean\naction: {elements: [[\"-x\"]]}\n"
            "quotient: [{name: z, is: x}]\n", "invariance", CAUSTIC_REFUTED, "changes z"},
    };
    caustic_text_t text, detail;
    (void) state;

    caustic_text_init(text);
    caustic_text_init(detail);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_reset(text);
        caustic_text_printf(text, "name: cover\n%s", cases[i].text);
        if (verdict_of(text->data, cases[i].check, detail) != cases[i].verdict || strstr(detail->data, cases[i].says) == NULL)
            fail_msg("%s%s", text->data, detail->data);
    }
    caustic_text_clear(text);
    caustic_text_clear(detail);
}

/* The list of actions, for those who sum over them. */
static void
test_covering_is_listed(void ** state)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    (void) state;

    read_case(problem, "name: cover\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "action: {elements: [[x, y], [\"-y\", x]]}\nquotient: [{name: r, is: x + y}, {name: s, is: x - y}]\n"
        "section: [\"(r + s)/2\", \"(r - s)/2\"]\n");
    caustic_reduction_init(reduction, problem->setting);
    assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_PROVED);
    assert_int_equal(reduction->coverings, 1);
    assert_int_equal(reduction->covering_element[0], 1);
    assert_expr(problem->pool, reduction->covering[0], "s");
    assert_expr(problem->pool, reduction->covering[1], "-r");
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
}

/* Translations: freeness, properness and separation are theorems where the invariants are linear in flat
   charts, in any dimension. */
static void
test_translations(void ** state)
{
    static const struct
    {
        const char * text;
        int global;
    }
    cases[] =
    {
        {"parameters: [{name: x}, {name: y}, {name: w}]\nmetric: euclidean\naction: {generators: [[1, 1, 1]]}\n"
            "quotient: [{name: r, is: x - w}, {name: s, is: y - w}]\nsection: [r, s, 0]\n", 1},
        {"parameters: [{name: x}, {name: y}, {name: w}]\nmetric: euclidean\naction: {generators: [[1, 1, 1]]}\n"
            "quotient: [{name: r, is: exp(x - w), domain: \"(0, inf)\"}, {name: s, is: y - w}]\nsection: [log(r), s, 0]\n", 1},
        /* the two sheets of a square */
        {"parameters: [{name: x}, {name: y}, {name: w}]\nmetric: euclidean\naction: {generators: [[1, 1, 1]]}\n"
            "quotient: [{name: r, is: \"(x - w)^2\", domain: \"(0, inf)\"}, {name: s, is: y - w}]\nsection: [sqrt(r), s, 0]\n", 0},
        /* dependent */
        {"parameters: [{name: x}, {name: y}, {name: w}]\nmetric: euclidean\naction: {generators: [[1, 1, 1]]}\n"
            "quotient: [{name: r, is: x - w}, {name: s, is: 2*x - 2*w}]\nsection: [r, s, 0]\n", 0},
        /* logarithmic charts */
        {"parameters: [{name: x, domain: \"(0, inf)\"}, {name: y, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
            "metric: [[x^2, 0, 0], [0, 2*y^2, 0], [0, 0, w^2]]\naction: {generators: [[x, \"-y\", 0]]}\n"
            "quotient: [{name: r, is: x*y, domain: \"(0, inf)\"}, {name: s, is: \"x*y*w\", domain: \"(0, inf)\"}]\nsection: [1, r, s/r]\n"
            "stratum: [\"x + y\"]\n", 1},
        /* rescalings: a neuron, directions in two charts, two groups at once */
        {"parameters: [{name: x, domain: \"(0, inf)\"}, {name: y}, {name: w}]\nmetric: [[x^2, 0, 0], [0, y^2 + w^2, 0], [0, 0, y^2 + w^2]]\n"
            "action: {generators: [[\"-x\", y, w]]}\nstratum: [\"y^2 + w^2\"]\n"
            "quotient: [{name: r, is: x*y}, {name: s, is: x*w}]\nsection: [1, r, s]\n", 1},
        {"parameters: [{name: x}, {name: y}]\nmetric: [[x^2 + y^2, 0], [0, x^2 + y^2]]\n"
            "action: {generators: [[x, y]]}\nstratum: [\"sqrt(x^2 + y^2) + y\"]\n"
            "quotient: [{name: z, is: \"x/(sqrt(x^2 + y^2) + y)\"}]\nsection: [2*z/(1 + z^2), (1 - z^2)/(1 + z^2)]\n", 1},
        {"parameters: [{name: x}, {name: y, domain: \"(0, inf)\"}]\nmetric: [[x^2 + y^2, 0], [0, x^2 + y^2]]\n"
            "action: {generators: [[x, y]]}\nquotient: [{name: z, is: \"x/y\"}]\nsection: [z, 1]\n", 1},
        {"parameters: [{name: x, domain: \"(0, inf)\"}, {name: y, domain: \"(0, inf)\"}, {name: w}]\nmetric: [[x^2, 0, 0], [0, y^2, 0], [0, 0, x^2*y^4]]\n"
            "action: {generators: [[x, \"-y\", \"-w\"], [0, y, 2*w]]}\nquotient: [{name: z, is: \"w/(x*y^2)\"}]\nsection: [1, 1, z]\n", 1},
        /* two orbits, of opposite signs, have the same invariant */
        {"parameters: [{name: x}, {name: y}]\nmetric: [[x^2, 0], [0, y^2]]\naction: {generators: [[\"-x\", y]]}\nstratum: [x, y]\n"
            "quotient: [{name: z, is: x*y}]\nsection: [1, z]\n", 0},
        {"parameters: [{name: x, domain: \"(0, inf)\"}, {name: y}]\nmetric: [[x^2, 0], [0, y^2]]\naction: {generators: [[\"-x\", y]]}\nstratum: [y]\n"
            "quotient: [{name: z, is: x^2*y^2, domain: \"(0, inf)\"}]\nsection: [1, sqrt(z)]\n", 0},
        /* the stratum is not kept, the domain is not */
        {"parameters: [{name: x, domain: \"(0, inf)\"}, {name: y}]\nmetric: [[x^2, 0], [0, 1 + y^2]]\naction: {generators: [[\"-x\", y]]}\nstratum: [y - x]\n"
            "quotient: [{name: z, is: x*y}]\nsection: [1, z]\n", 0},
        {"parameters: [{name: x, domain: \"(0, 2)\"}, {name: y}]\nmetric: [[x^2, 0], [0, 1 + y^2]]\naction: {generators: [[\"-x\", y]]}\n"
            "quotient: [{name: z, is: x*y}]\nsection: [1, z]\n", 0},
        /* a hole */
        {"parameters: [{name: x}, {name: y}, {name: w}]\nmetric: euclidean\naction: {generators: [[1, 1, 1]]}\nstratum: [x - y]\n"
            "quotient: [{name: r, is: x - w}, {name: s, is: y - w}]\nsection: [r, s, 0]\n", 0},
        /* half a line */
        {"parameters: [{name: x, domain: \"(0, inf)\"}, {name: y}, {name: w}]\nmetric: euclidean\naction: {generators: [[1, 1, 1]]}\n"
            "quotient: [{name: r, is: x - w}, {name: s, is: y - w}]\nsection: [r, s, 0]\n", 0},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_text_t text;

        caustic_text_init(text);
        caustic_text_printf(text, "name: translations\n%s", cases[i].text);
        read_case(problem, text->data);
        caustic_reduction_init(reduction, problem->setting);
        if (is_assumed(reduction, "orbit separation") == cases[i].global || is_assumed(reduction, "freeness") == cases[i].global)
            fail_msg("%s%s", text->data, find_check(reduction, "dimension")->detail);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
        caustic_text_clear(text);
    }
}

/* Random sums of squares on random strata: what is called positive, or without zeros, is so at every point of a
   grid that is rich in zeros, coincidences and sign changes. */
static ulong
pick(ulong * state, ulong below)
{
    *state = *state * UWORD(6364136223846793005) + UWORD(1442695040888963407);
    return (*state >> 33) % below;
}

static caustic_expr
random_monomial(caustic_pool * pool, const caustic_expr * symbol, ulong * state)
{
    caustic_expr e = caustic_integer(pool, (slong) pick(state, 5) - 2);

    for (int i = 0; i < 3; i++)
        e = caustic_mul(pool, e, caustic_power_si(pool, symbol[i], (slong) pick(state, 3) * (slong) pick(state, 2)));
    return e;
}

static caustic_expr
random_polynomial(caustic_pool * pool, const caustic_expr * symbol, ulong * state)
{
    caustic_expr e = random_monomial(pool, symbol, state);

    for (ulong terms = pick(state, 3); terms > 0; terms--)
        e = caustic_add(pool, e, random_monomial(pool, symbol, state));
    return e;
}

/* 1 and the exact value; 0 where it is irrational or undefined. */
static int
value_on_grid(fmpq_t value, caustic_pool * pool, caustic_expr e, const caustic_expr * symbol, int point)
{
    static const slong grid[] = {0, 1, -1, 2, -3};
    caustic_expr number[3];

    for (int i = 0; i < 3; i++, point /= 5)
        number[i] = caustic_integer(pool, grid[point % 5]);
    e = caustic_substitute(pool, e, symbol, number, 3);
    if (e == CAUSTIC_NONE || caustic_expr_op(pool, e) != CAUSTIC_OP_NUMBER)
        return 0;
    fmpq_set(value, caustic_expr_fmpq(pool, e));
    return 1;
}

static void
test_random_strata(void ** state)
{
    const char * given = getenv("CAUSTIC_TEST_SEED");
    ulong seed = given == NULL ? 20250101 : strtoul(given, NULL, 10), random = seed;
    int positive = 0, without_zeros = 0, open = 0;
    (void) state;

    print_message("CAUSTIC_TEST_SEED=%lu\n", (unsigned long) seed);
    for (int trial = 0; trial < 600; trial++)
    {
        caustic_pool * pool = caustic_pool_new();
        caustic_expr symbol[3] = {caustic_symbol(pool, "x"), caustic_symbol(pool, "y"), caustic_symbol(pool, "w")};
        caustic_interval_struct domain[3];
        caustic_expr p = caustic_integer(pool, 0), stratum = random_polynomial(pool, symbol, &random);
        caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
        int nonzero = 0;
        gr_ctx_t ctx;
        gr_ptr x;
        fmpq_t value, at;

        if (pick(&random, 4) == 0) /* sqrt(s^2 + x^2) + y, as stereographic charts have it */
            stratum = caustic_add(pool, symbol[1], caustic_sqrt(pool, caustic_add(pool,
                caustic_power_si(pool, stratum, 2), caustic_power_si(pool, symbol[0], 2))));
        for (ulong squares = 1 + pick(&random, 3); squares > 0; squares--)
            p = caustic_add(pool, p, caustic_power_si(pool, random_polynomial(pool, symbol, &random), 2));
        if (pick(&random, 3) == 0)
            p = caustic_mul(pool, p, stratum);
        if (pick(&random, 4) == 0)
            p = caustic_add(pool, p, random_monomial(pool, symbol, &random));

        for (int i = 0; i < 3; i++)
            caustic_interval_init(domain + i);
        fmpq_init(value);
        fmpq_init(at);
        caustic_field_ctx_init(ctx, pool, symbol, domain, 3);
        GR_TMP_INIT(x, ctx);
        if (caustic_field_set_expr(x, p, ctx) == GR_SUCCESS)
        {
            sign = caustic_field_sign_on(x, &stratum, 1, ctx);
            nonzero = caustic_field_is_nonzero_on(x, &stratum, 1, ctx);
        }
        positive += sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
        without_zeros += nonzero;
        open += !nonzero;

        for (int point = 0; point < 125; point++)
        {
            char * text;

            if (!value_on_grid(at, pool, stratum, symbol, point) || fmpq_is_zero(at) || !value_on_grid(value, pool, p, symbol, point))
                continue;
            if ((!nonzero || !fmpq_is_zero(value)) && (sign != CAUSTIC_SIGN_POSITIVE || fmpq_sgn(value) > 0)
                && (sign != CAUSTIC_SIGN_NEGATIVE || fmpq_sgn(value) < 0) && (sign != CAUSTIC_SIGN_NONNEGATIVE || fmpq_sgn(value) >= 0)
                && (sign != CAUSTIC_SIGN_NONPOSITIVE || fmpq_sgn(value) <= 0) && (sign != CAUSTIC_SIGN_ZERO || fmpq_is_zero(value)))
                continue;
            text = caustic_expr_string(pool, p);
            fail_msg("trial %d: %s has another sign at point %d of the stratum %s", trial, text, point, caustic_expr_string(pool, stratum));
        }

        GR_TMP_CLEAR(x, ctx);
        gr_ctx_clear(ctx);
        fmpq_clear(value);
        fmpq_clear(at);
        for (int i = 0; i < 3; i++)
            caustic_interval_clear(domain + i);
        caustic_pool_free(pool);
    }
    print_message("%d of one sign, %d without zeros, %d open\n", positive, without_zeros, open);
    assert_true(positive > 60 && without_zeros >= positive && open > 60);
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
        cmocka_unit_test(test_positive_on_strata),
        cmocka_unit_test(test_gram_blocks),
        cmocka_unit_test(test_products_of_inverses),
        cmocka_unit_test(test_field_on_strata),
        cmocka_unit_test(test_actions_that_are_not_free),
        cmocka_unit_test(test_sections_and_strata),
        cmocka_unit_test(test_power_sums),
        cmocka_unit_test(test_closure),
        cmocka_unit_test(test_covering_charts),
        cmocka_unit_test(test_covering_is_listed),
        cmocka_unit_test(test_translations),
        cmocka_unit_test(test_random_strata),
    };

    int failures = cmocka_run_group_tests_name("reduction", tests, NULL, NULL);

    flint_cleanup_master();
    return failures;
}
