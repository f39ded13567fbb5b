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
#include <flint/fmpq_vec.h>
#include <caustic/family.h>
#include <caustic/report.h>
#include "problem.h"

/* A case whose parameters_on are symbols, its family, and one claim about it. */
static void
family_open(caustic_family_t family, const caustic_case_t problem)
{
    caustic_expr symbol[CAUSTIC_FAMILY_PARAMETERS];
    caustic_interval_struct range[CAUSTIC_FAMILY_PARAMETERS];

    if (problem->family == NULL)
        fail_msg("no family: %s", problem->no_family);
    for (slong k = 0; k < problem->parameters_on; k++)
    {
        symbol[k] = problem->family->parameter_on[k].symbol;
        range[k] = *problem->family->parameter_on[k].interval;
    }
    caustic_family_init(family, problem->family->setting, symbol, range, problem->parameters_on);
}

typedef struct
{
    const char * name;
    caustic_verdict verdict; /* of the check of that name */
    const char * setting;    /* all but what follows */
    const char * range;
    const char * box;
    const char * claims;
}
theorem_case;

#define CHAIN "preset: {kind: relu-chain, depth: 2}\nloss: \"(z - y)^2/2\"\n"
#define LEAF "parameters: [{name: z, domain: \"(-inf, inf)\"}]\nmetric: [[\"sqrt(y^2 + 4*z^2)\"]]\nloss: \"(z - 1)^2/2\"\n"
#define LINE(loss) "parameters: [{name: z, domain: \"(-inf, inf)\"}]\nmetric: euclidean\nloss: \"" loss "\"\n"
#define CUBIC "preset: {kind: relu-chain, depth: 2}\nloss: \"z^3/3 - y*z\"\n"
#define LOGISTIC "preset: {kind: attention, model: 1, head: 1, product: qk}\nloss: \"log(1 + exp(-y*z))\"\n"
#define CORE "\"1/100\", \"3\""
#define CLOSED "[\"1\", \"3\"]"

static const theorem_case theorems[] =
{
    /* closed forms: an identity; off by 1e-12 either way; right at three points, or up to 1e-40 but for one */
    {"shock_time", CAUSTIC_PROVED, CHAIN, CLOSED, CORE, "shock_time: \"4/y^2\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "shock_time: \"4/y^2 + 1e-12\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "shock_time: \"4/y^2 - 1e-12\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "shock_time: \"4/y^2 + (y - 1)*(y - 2)*(y - 3)/10^12\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "shock_time: \"4/y^2 + (y - 2)^2/10^40\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "shock_time: \"-4/y^2\""},
    /* the foot y/4 leaves the box where y < 2: there the shock is at the end of the box */
    {"shock_time", CAUSTIC_PROVED, CHAIN, "[\"2\", \"3\"]", "\"1/2\", \"3\"", "shock_time: \"4/y^2\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, "[\"199/100\", \"3\"]", "\"1/2\", \"3\"", "shock_time: \"4/y^2\""},
    {"shock_time", CAUSTIC_PROVED, CHAIN, "[\"3/2\", \"2\"]", "\"1/2\", \"3\"", "shock_time: \"1/(y - 1)\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, "[\"3/2\", \"201/100\"]", "\"1/2\", \"3\"", "shock_time: \"1/(y - 1)\""},
    /* an infinite box needs the foot, or a parabola */
    {"shock_time", CAUSTIC_PROVED, CHAIN, CLOSED, "\"1/100\", \"inf\"", "shock_time: \"4/y^2\", shock_at: [\"y/4\"]"},
    {"shock_time", CAUSTIC_PROVED, CHAIN, CLOSED, "\"1/100\", \"inf\"", "shock_time: \"4/y^2\""},
    {"shock_time", CAUSTIC_REFUTED, CHAIN, CLOSED, "\"1/100\", \"inf\"", "shock_time: \"4/y^2 + (y - 2)/10^40\""},
    {"shock_time", CAUSTIC_PROVED, LINE("z^6/30 - y*z^2/2"), CLOSED, "\"-inf\", \"inf\"", "shock_time: \"1/y\""},
    /* h = 6 z^3 - 2 y z, least at sqrt(y)/3: a root of h_z is found */
    {"shock_time", CAUSTIC_PROVED, CUBIC, CLOSED, CORE, "shock_time: \"9/(4*y^(3/2))\""},
    {"shock_time", CAUSTIC_PROVED, CUBIC, CLOSED, "\"1/100\", \"inf\"", "shock_time: \"9/(4*y*sqrt(y))\""},
    {"shock_time", CAUSTIC_REFUTED, CUBIC, CLOSED, CORE, "shock_time: \"9/(4*y^(3/2)) + (y - 2)^2*1e-30\""},
    {"shock_time", CAUSTIC_REFUTED, CUBIC, CLOSED, "\"1/2\", \"3\"", "shock_time: \"9/(4*y^(3/2))\""},
    {"shock_time", CAUSTIC_REFUTED, LINE("z^6/30 - y*z^2/2"), CLOSED, "\"-inf\", \"inf\"", "shock_time: \"1/y + (y - 2)/10^30\""},
    /* h = (y z - 1)^2 - 1, least at 1/y, and 0 everywhere where y = 0, which is not among the values that are tried in [-1, 2] */
    {"shock_time", CAUSTIC_UNDECIDED, LINE("y^2*z^4/12 - y*z^3/3"), "[\"-1\", \"2\"]", "\"-inf\", \"inf\"", "shock_time: \"1\""},
    {"shock_time", CAUSTIC_REFUTED, LINE("y^2*z^4/12 - y*z^3/3"), "[\"-1\", \"1\"]", "\"-inf\", \"inf\"", "shock_time: \"1\""},
    {"shock_time", CAUSTIC_UNDECIDED, LINE("y^4*z^4/12 - y^2*z^3/3"), "[\"-1\", \"2\"]", "\"0\", \"inf\"", "shock_time: \"1\""},
    {"shock_time", CAUSTIC_UNDECIDED, LINE("(1 - y)^2*z^4/12 - (1 - y)*z^3/3"), "[\"0\", \"1\"]", "\"0\", \"inf\"", "shock_time: \"1\""},
    {"shock_time", CAUSTIC_UNDECIDED, LINE("(1 - y)^2*z^4/12 - (1 - y)*z^3/3"), "[\"0\", \"1\"]", "\"-inf\", \"inf\"", "shock_time: \"1\""},
    {"shock_time", CAUSTIC_PROVED, LINE("y^2*z^4/12 - y*z^3/3"), "\"(0, 1]\"", "\"-inf\", \"inf\"", "shock_time: \"1\""},
    /* places */
    {"shock_at", CAUSTIC_PROVED, CHAIN, CLOSED, CORE, "shock_at: [\"y/4\"]"},
    {"shock_at", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "shock_at: [\"y/4 + 1e-12\"]"},
    {"shock_at", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "shock_time: \"4/y^2\", shock_at: [\"y/4 + (y - 1)/10^12\"]"},
    /* not algebraic: by branch and bound, from the foot */
    {"shock_time", CAUSTIC_PROVED, LINE("-y*cos(z)"), CLOSED, "\"-4\", \"-3\"", "shock_time: \"1/y\", shock_at: [\"-pi\"]"},
    {"shock_time", CAUSTIC_REFUTED, LINE("-y*cos(z)"), CLOSED, "\"-4\", \"-3\"", "shock_time: \"1/y + 1e-12\", shock_at: [\"-pi\"]"},
    {"shock_time", CAUSTIC_PROVED, LINE("y*cos(z) + z^2/8"), CLOSED, "\"-2\", \"2\"", "shock_time: \"1/(y - 1/4)\""},
    {"shock_time", CAUSTIC_REFUTED, LINE("y*cos(z) + z^2/8"), CLOSED, "\"-2\", \"2\"", "shock_time: \"1/(y - 1/4) + (y - 2)/10^30\""},
    /* h is as small at -1 as at 0 where y = 2, and smaller for larger y */
    {"shock_time", CAUSTIC_PROVED, LINE("cosh(z)*0 + z^4/12 - z^2/2 + z^3*(2 - y)/12"), "[\"1\", \"2\"]", "\"0\", \"1\"", "shock_time: \"1\""},
    {"shock_time", CAUSTIC_REFUTED, LINE("cosh(z)*0 + z^4/12 - z^2/2 + z^3*(2 - y)/12"), "[\"1\", \"2.01\"]", "\"0\", \"1\"", "shock_time: \"1\""},
    {"shock_time", CAUSTIC_PROVED, LINE("exp(-y*z)*0 - y*z^4/12 - z^2/2"), CLOSED, "\"-1\", \"1\"", "shock_time: \"1/(1 + y)\", shock_at: [\"1\"]"},
    /* h = -y everywhere; and -1/h at a place where h is 0 for one y */
    {"shock_time", CAUSTIC_PROVED, LINE("-y*z^2/2"), CLOSED, "\"-1\", \"1\"", "shock_time: \"1/y\""},
    {"shock_time", CAUSTIC_REFUTED, LINE("-y*z^2/2"), CLOSED, "\"-1\", \"1\"", "shock_time: \"1/y + 1e-12\""},
    {"shock_at", CAUSTIC_PROVED, LINE("z^4/12 - y^2*z^2/2"), CLOSED, "\"-1\", \"1\"", "shock_at: [\"0\"]"},
    {"shock_at", CAUSTIC_UNDECIDED, LINE("z^4/12 - (y - 2)^2*z^2/2"), CLOSED, "\"-1\", \"1\"", "shock_at: [\"0\"]"},
    /* thresholds: exact, its irrational number included or not, off by 1e-12, more than one, none */
    {"no_shock_iff", CAUSTIC_PROVED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"y^2 >= 1/6\""},
    {"no_shock_iff", CAUSTIC_PROVED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"1/6 <= y^2\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"y^2 > 1/6\""},
    {"no_shock_iff", CAUSTIC_PROVED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"abs(y) >= 1/sqrt(6)\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"y > 1/sqrt(6)\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"y >= 1/sqrt(6) - 1e-12\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"y >= 1/sqrt(6) + 1e-12\""},
    {"no_shock_iff", CAUSTIC_PROVED, LEAF, "[\"-1\", \"-1/100\"]", "\"-2\", \"3\"", "no_shock_iff: \"abs(y) >= 1/sqrt(6)\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"y^2 >= 1/6 + 1e-12\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"y^2 >= 1/6 - 1e-12\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "no_shock_iff: \"(y^2 - 1/6)*(y - 1/5)^2 >= 0\""},
    {"no_shock_iff", CAUSTIC_PROVED, LEAF, "\"(0, 1]\"", "\"-inf\", \"inf\"", "no_shock_iff: \"y^2 >= 1/6\""},
    /* h = 4 z^2 - 2 y z: none on [2, 3] up to y = 4, that included */
    {"no_shock", CAUSTIC_PROVED, CHAIN, "[\"1\", \"4\"]", "\"2\", \"3\"", "shock_time: none"},
    {"no_shock", CAUSTIC_REFUTED, CHAIN, "[\"1\", \"4.000000000001\"]", "\"2\", \"3\"", "shock_time: none"},
    {"no_shock_iff", CAUSTIC_PROVED, CHAIN, "[\"1\", \"5\"]", "\"2\", \"3\"", "no_shock_iff: \"y <= 4\""},
    {"no_shock_iff", CAUSTIC_REFUTED, CHAIN, "[\"1\", \"5\"]", "\"2\", \"3\"", "no_shock_iff: \"y < 4\""},
    /* h = z^2 + (y - 2)^2: never negative; an isolated y without a shock: h = z^2 - (y - 2)^2 */
    {"no_shock", CAUSTIC_PROVED, LINE("z^4/12 + (y - 2)^2*z^2/2"), CLOSED, "\"-1\", \"1\"", "shock_time: none"},
    {"no_shock", CAUSTIC_REFUTED, LINE("z^4/12 - (y - 2)^2*z^2/2"), CLOSED, "\"-1\", \"1\"", "shock_time: none"},
    /* a claim that is defined on both sides of a gap and changes its sign there without a zero; wrong between two gaps */
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("z^2/2"), "\"(11/10, 4)\"", "\"-1\", \"1\"", "no_shock_iff: \"sqrt((y-2)^2 - 1e-6) + y - 2 >= 0\""},
    {"no_shock_iff", CAUSTIC_UNDECIDED, LINE("z^2/2"), "[\"1/10\", \"4\"]", "\"-1\", \"1\"",
        "no_shock_iff: \"(sqrt((y-3/2)^2 - 1e-6) + y - 3/2)*(sqrt((y-7/8)^2 - 1e-6) + y - 7/8) >= 0\""},
    {"no_shock_iff", CAUSTIC_PROVED, LINE("z^2/2"), CLOSED, "\"-1\", \"1\"", "no_shock_iff: \"sqrt((y-2)^2 + 1e-6) + y >= 2\""},
    /* sqrt(|y|) and |y| in one claim, right up to 0.81 and from 0.9 on */
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("z^4/12 + (y - 9/10)*z^2/2"), "[\"-1/1000\", \"1\"]", "\"-1\", \"1\"", "no_shock_iff: \"abs(y)*0 + sqrt(abs(y)) >= 9/10\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("z^4/12 + (y - 9/10)*z^2/2"), "[\"-1/1000\", \"1\"]", "\"-1\", \"1\"",
        "no_shock_iff: \"sqrt(abs(y)) + abs(y) >= 9/10 + abs(y)\""},
    {"no_shock_iff", CAUSTIC_PROVED, LINE("z^4/12 + (y - 9/10)*z^2/2"), "[\"-1/1000\", \"1\"]", "\"-1\", \"1\"",
        "no_shock_iff: \"sqrt(abs(y))*(2 + abs(y)) >= sqrt(9/10)*(2 + abs(y))\""},
    /* without a value at one number */
    {"no_shock_iff", CAUSTIC_UNDECIDED, LINE("z^2/2"), "[\"1/10\", \"4\"]", "\"-1\", \"1\"", "no_shock_iff: \"y*(y - 1)^2/(y - 1)^2 >= 0\""},
    {"no_shock_iff", CAUSTIC_UNDECIDED, LINE("z^2/2"), "[\"1/10\", \"4\"]", "\"-1\", \"1\"", "no_shock_iff: \"y*(y^2 - 2)/(y^2 - 2) >= 0\""},
    /* wrong at one number only, next to another critical one */
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("z^2/2 + (y-1)^2*z^4"), "[\"1/2\", \"3\"]", "\"-1\", \"1\"", "no_shock_iff: \"(y - 1 - 1e-30)^2 > 0\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("z^2/2 + (y-1)^2*z^4"), "[\"1/2\", \"3\"]", "\"-1\", \"1\"", "no_shock_iff: \"(y - 1 - 1e-60)^2 > 0\""},
    {"no_shock_iff", CAUSTIC_PROVED, LINE("z^4/12 - (y - 2)^2*z^2/2"), CLOSED, "\"-1\", \"1\"", "no_shock_iff: \"(y - 2)^2 <= 0\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("z^4/12 - (y - 2)^2*z^2/2"), CLOSED, "\"-1\", \"1\"", "no_shock_iff: \"0 > 1\""},
    /* not algebraic: h = y - cos z is least at 0, and for h = y - cos z - z^4/100 at the ends it may be less */
    {"no_shock_iff", CAUSTIC_PROVED, LINE("y*z^2/2 + cos(z)"), "[\"1/2\", \"2\"]", "\"-2\", \"2\"", "no_shock_iff: \"y >= 1\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("y*z^2/2 + cos(z)"), "[\"1/2\", \"2\"]", "\"-2\", \"2\"", "no_shock_iff: \"y >= 1 - 1e-12\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("y*z^2/2 + cos(z)"), "[\"1/2\", \"2\"]", "\"-2\", \"2\"", "no_shock_iff: \"y >= 1 + 1e-12\""},
    {"no_shock_iff", CAUSTIC_REFUTED, LINE("y*z^2/2 + cos(z) - z^6/200"), "[\"1/2\", \"3\"]", "\"-2.2\", \"2.2\"", "no_shock_iff: \"y >= 1\""},
    {"no_shock", CAUSTIC_REFUTED, LINE("y*z^2/2 + cos(z)"), "[\"1/2\", \"2\"]", "\"-inf\", \"inf\"", "shock_time: none"},
    /* T* depends on y z alone, unless it is that of an end of the box */
    {"monotone", CAUSTIC_PROVED, LOGISTIC, CLOSED, "\"1/100\", \"20\"", "monotone: constant"},
    {"monotone", CAUSTIC_REFUTED, LOGISTIC, CLOSED, "\"1/100\", \"1/4\"", "monotone: constant"},
    {"monotone", CAUSTIC_REFUTED, LOGISTIC, CLOSED, "\"1/100\", \"20\"", "monotone: increasing"},
    {"monotone", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "monotone: constant"},
    {"monotone", CAUSTIC_PROVED, LINE("y - z^4"), CLOSED, "\"-1\", \"1\"", "monotone: constant"},
    {"monotone", CAUSTIC_PROVED, LINE("y + z^2"), CLOSED, "\"-1\", \"1\"", "monotone: increasing"},
    {"monotone", CAUSTIC_REFUTED, LINE("y*cos(z) + z^2/8"), CLOSED, "\"-2\", \"2\"", "monotone: increasing"},
    /* monotonicity */
    {"monotone", CAUSTIC_PROVED, CHAIN, CLOSED, CORE, "monotone: decreasing"},
    {"monotone", CAUSTIC_REFUTED, CHAIN, CLOSED, CORE, "monotone: increasing"},
    {"monotone", CAUSTIC_PROVED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "monotone: increasing"},
    {"monotone", CAUSTIC_REFUTED, LEAF, "\"(0, 1]\"", "\"-2\", \"3\"", "monotone: decreasing"},
    /* m = -1 - (y - 2)^2 falls, then rises: monotone on either side of 2 only */
    {"monotone", CAUSTIC_REFUTED, LINE("z^4/12 - (1 + (y - 2)^2)*z^2/2"), CLOSED, "\"-1\", \"1\"", "monotone: increasing"},
    {"monotone", CAUSTIC_PROVED, LINE("z^4/12 - (1 + (y - 2)^2)*z^2/2"), "[\"2\", \"3\"]", "\"-1\", \"1\"", "monotone: decreasing"},
    {"monotone", CAUSTIC_REFUTED, LINE("z^4/12 - (1 + (y - 2)^2)*z^2/2"), "[\"1.999\", \"3\"]", "\"-1\", \"1\"", "monotone: decreasing"},
    /* by branch and bound */
    {"monotone", CAUSTIC_PROVED, LINE("-y*cos(z)"), CLOSED, "\"-4\", \"-2\"", "monotone: decreasing"},
    {"monotone", CAUSTIC_REFUTED, LINE("-y*cos(z)"), CLOSED, "\"-4\", \"-2\"", "monotone: increasing"},
};

static caustic_verdict
verdict_of_theorem(const theorem_case * c, caustic_text_t detail)
{
    caustic_case_t problem;
    caustic_family_t family;
    caustic_theorem_problem claim;
    caustic_theorem_t theorem;
    caustic_verdict verdict = 0;
    caustic_text_t text;

    caustic_text_init(text);
    caustic_text_printf(text, "name: a\n%sparameters_on: [{name: y, interval: %s}]\nshock: {box: [[%s]]}\nclaims: {%s}\n",
        c->setting, c->range, c->box, c->claims);
    read_case(problem, text->data);
    family_open(family, problem);
    if (!family->reduced)
        fail_msg("%s: %s", text->data, family->why);
    assert_int_equal(family->complete, 1);

    memset(&claim, 0, sizeof(claim));
    claim.family = family;
    *claim.box = *problem->family->shock.box;
    claim.time = problem->family->claims.shock_time;
    claim.at = problem->family->claims.shock_at == NULL ? CAUSTIC_NONE : *problem->family->claims.shock_at;
    claim.none = problem->family->claims.no_shock;
    claim.no_shock_iff = problem->family->claims.no_shock_iff;
    claim.strict = problem->family->claims.no_shock_iff_strict;
    if (problem->claims.monotone != NULL)
        claim.monotone[0] = problem->claims.monotone[0] == CAUSTIC_INCREASING ? 1
            : problem->claims.monotone[0] == CAUSTIC_DECREASING ? -1 : CAUSTIC_THEOREM_CONSTANT;
    claim.box_limit = 20000;
    caustic_theorem_init(theorem, &claim);
    for (slong i = 0; i < theorem->checks->length; i++)
        if (strcmp(theorem->checks->entries[i].name, c->name) == 0)
        {
            verdict = theorem->checks->entries[i].verdict;
            caustic_text_append(detail, theorem->checks->entries[i].detail);
        }
    caustic_theorem_clear(theorem);
    caustic_family_clear(family);
    caustic_case_clear(problem);
    caustic_text_clear(text);
    return verdict;
}

static void
test_theorems(void ** state)
{
    slong decided[4] = {0, 0, 0, 0};

    (void) state;
    for (size_t i = 0; i < sizeof(theorems) / sizeof(theorems[0]); i++)
    {
        caustic_verdict verdict;
        caustic_text_t detail;

        caustic_text_init(detail);
        verdict = verdict_of_theorem(theorems + i, detail);
        if (verdict != theorems[i].verdict)
            fail_msg("%s%s on %s, %s: %s, expected %s: %s", theorems[i].setting, theorems[i].claims, theorems[i].range, theorems[i].box,
                verdict == 0 ? "no check" : caustic_verdict_name(verdict), caustic_verdict_name(theorems[i].verdict), detail->data);
        /* a refutation names a value */
        if (verdict == CAUSTIC_REFUTED && strcmp(theorems[i].name, "shock_at") != 0)
            assert_non_null(strstr(detail->data, "y = "));
        decided[verdict]++;
        caustic_text_clear(detail);
    }
    assert_true(decided[CAUSTIC_PROVED] > 15 && decided[CAUSTIC_REFUTED] > 12);
}

/* The verdict on the theorem of a case, as shock reports it. */
static void
check_record(const char * text, const char * expected, const char * said)
{
    caustic_case_t problem;
    caustic_run_options options;
    const json_t * theorem;
    json_t * record;
    char * whole;

    read_case(problem, text);
    caustic_run_options_init(&options);
    record = caustic_report_shock(problem, &options);
    theorem = json_object_get(record, "theorem");
    whole = json_dumps(theorem, 0);
    if (strcmp(json_string_value(json_object_get(theorem, "verdict")), expected) != 0)
        fail_msg("expected %s of %s: %s", expected, text, whole);
    if (strstr(whole, said) == NULL)
        fail_msg("nothing of '%s' in %s", said, whole);
    flint_free(whole);
    json_decref(record);
    caustic_run_options_clear(&options);
    caustic_case_clear(problem);
}

#define TWO "name: a\nconstants: [{name: c, value: \"1\"}, {name: y, value: \"1\"}]\nparameters: [{name: z, domain: \"(-inf, inf)\"}]\nmetric: [[\"sqrt(c^2 + 4*z^2)\"]]\n" \
    "parameters_on: [{name: c, interval: [\"1/10\", \"1\"]}, {name: y, interval: [\"1\", \"2\"]}]\n" \
    "loss: \"(z - y)^2/2\"\nshock: {box: [[\"-2\", \"3\"]], digits: 6}\n"
#define TWO_CHAIN "name: a\npreset: {kind: relu-chain, depth: 2}\n" \
    "parameters_on: [{name: y, interval: [\"1\", \"3\"]}, {name: k, interval: [\"1\", \"2\"]}]\n" \
    "loss: \"k*(z - y)^2/2\"\nshock: {box: [[\"1/100\", \"3\"]], digits: 6}\n"

#define KINK(g) "name: a\nconstants: [{name: y, value: \"1/4\"}]\nparameters: [{name: z}]\nmetric: [[\"" g "\"]]\nloss: \"-z^2/2\"\n" \
    "parameters_on: [{name: y, interval: [\"-1\", \"1\"]}]\n"
#define DEGENERATE(range) "name: a\nconstants: [{name: y, value: \"1/2\"}]\n" LEAF "parameters_on: [{name: y, interval: " range "}]\n" \
    "shock: {box: [[\"-2\", \"3\"]], digits: 6}\n"

static void
test_records(void ** state)
{
    (void) state;
    check_record(TWO "claims: {no_shock_iff: \"c^2 >= y^2/6\"}\n", "PROVED", "parabola");
    check_record(TWO "claims: {no_shock_iff: \"c >= y/sqrt(6)\"}\n", "PROVED", "parabola");
    check_record(TWO "claims: {no_shock_iff: \"c^2 >= y^2/6 + 1e-12\"}\n", "REFUTED", "there is no shock, although");
    check_record(TWO "claims: {no_shock_iff: \"c^2 >= y^2/6 - 1e-12\"}\n", "REFUTED", "there is a shock, although");
    check_record(TWO "claims: {no_shock_iff: \"(c^2 - y^2/6)*(c - 1/10)/(c - 1/10) >= 0\"}\n", "UNDECIDED", "one parameter");
    check_record(TWO "claims: {no_shock_iff: \"c^2 > y^2/6\"}\n", "UNDECIDED", "one parameter");
    check_record(TWO "claims: {monotone: [increasing, decreasing]}\n", "PROVED", "branch and bound");
    check_record(TWO_CHAIN "claims: {shock_time: \"4/(k*y^2)\", shock_at: [\"y/4\"]}\n", "PROVED", "identity");
    check_record(TWO_CHAIN "claims: {shock_time: \"4/(k*y^2)\", monotone: [decreasing, decreasing]}\n", "PROVED", "parabola");
    check_record(TWO_CHAIN "claims: {monotone: [decreasing, increasing]}\n", "REFUTED", "at y = ");
    check_record(TWO_CHAIN "claims: {shock_time: \"4/(k*y^2) + 1e-12\", shock_at: [\"y/4\"]}\n", "REFUTED", "another number");
    check_record(TWO_CHAIN "claims: {shock_time: \"4/(k*y^2) + (k - 1)*(y - 2)*1e-40\"}\n", "REFUTED", "another number");

    /* the leaf y = 0 is none: there T* is its limit, 1, and a claim that is wrong there alone is refuted */
    check_record(DEGENERATE("[\"0\", \"1\"]") "claims: {no_shock_iff: \"y^2 >= 1/6\", monotone: increasing}\n", "PROVED", "T* -> 1, exactly");
    check_record(DEGENERATE("[\"0\", \"1\"]") "claims: {no_shock_iff: \"y^2 >= 1/6 + 1e-12\"}\n", "REFUTED", "there is no shock");
    check_record(DEGENERATE("[\"0\", \"1\"]") "claims: {no_shock_iff: \"y^2*(y^2 - 1/6) >= 0\"}\n", "REFUTED", "at y = 0, of the limit: REFUTED");
    check_record(DEGENERATE("[\"0\", \"1\"]") "claims: {shock_at: [\"y\"]}\n", "REFUTED", "shock_at");
    check_record(DEGENERATE("[\"-1\", \"1\"]") "claims: {no_shock_iff: \"abs(y) >= 1/sqrt(6)\"}\n", "PROVED", "y in [-1, 0): ");
    check_record(DEGENERATE("[\"-1\", \"1\"]") "claims: {no_shock_iff: \"y >= 1/sqrt(6)\"}\n", "REFUTED", "there is no shock");
    check_record(DEGENERATE("[\"-1\", \"1\"]") "claims: {monotone: increasing}\n", "REFUTED", "negative there");
    /* T* = 1/2 for y != 0 on the whole line; at y = 0 the cometric is 1, and T* = 1; on a box T* has no jump, and 1/(1 + |y|) none either */
    check_record(KINK("1 + abs(y)*z^2/(1 + abs(y)*z^2)") "shock: {box: [[\"-inf\", \"inf\"]], digits: 6}\nclaims: {no_shock_iff: \"0 > 1\"}\n", "UNDECIDED", "may be another");
    check_record(KINK("1 + abs(y)*z^2/(1 + abs(y)*z^2)") "shock: {box: [[\"-1\", \"1\"]], digits: 6}\nclaims: {no_shock_iff: \"0 > 1\"}\n", "PROVED", "T* -> 1, exactly");
    check_record(KINK("1 + abs(y)") "shock: {box: [[\"-inf\", \"inf\"]], digits: 6}\nclaims: {no_shock_iff: \"0 > 1\"}\n", "PROVED", "T* -> 1, exactly");
    /* limits from both sides that differ: 1 and 1/3 */
    check_record("name: a\nconstants: [{name: y, value: \"1/4\"}]\nparameters: [{name: z}]\nmetric: [[\"sqrt(y^2 + 4*z^2)\"]]\n"
        "loss: \"(2 + abs(y)/y)*(z - 1)^2/2\"\nparameters_on: [{name: y, interval: [\"-1/4\", \"1/4\"]}]\n"
        "shock: {box: [[\"-2\", \"3\"]], digits: 6}\nclaims: {no_shock_iff: \"0 > 1\"}\n", "UNDECIDED", "T* -> 1/3, exactly");
    /* a box that moves with the parameter */
    check_record("name: a\n" CHAIN "parameters_on: [{name: y, interval: [\"1\", \"2\"]}]\nshock: {box: [[\"y/100\", \"3\"]], digits: 6}\n"
        "claims: {shock_time: \"4/y^2\"}\n", "UNDECIDED", "as symbols");
    /* 0 is at a finite distance: what is known of h is no shock time */
    check_record("name: a\nparameters: [{name: z, domain: \"(0, inf)\"}]\nmetric: [[\"2*z\"]]\nloss: \"(z - y)^2/2\"\n"
        "parameters_on: [{name: y, interval: [\"1\", \"2\"]}]\nshock: {box: [[\"1/100\", \"3\"]], digits: 6}\nclaims: {monotone: decreasing}\n",
        "UNDECIDED", "of -1/inf h in place of T*: PROVED");
    /* not even refuted: the characteristic that would focus too early may end first */
    check_record("name: a\nparameters: [{name: z, domain: \"(0, inf)\"}]\nmetric: [[\"2*z\"]]\nloss: \"(z - y)^2/2\"\n"
        "parameters_on: [{name: y, interval: [\"1\", \"2\"]}]\nshock: {box: [[\"1/100\", \"3\"]], digits: 6}\nclaims: {shock_time: \"100\"}\n",
        "UNDECIDED", "of -1/inf h in place of T*: REFUTED");
    check_record("name: a\nparameters: [{name: z, domain: \"(0, inf)\"}]\nmetric: [[\"2*z\"]]\nloss: \"(z - y)^2/2\"\n"
        "parameters_on: [{name: y, interval: [\"1\", \"2\"]}]\nshock: {box: [[\"1\", \"3\"]], digits: 6}\nclaims: {shock_time: none}\n",
        "PROVED", "no_shock");
}

/* Enclosures of 4/y^2: every piece holds the values at its ends, and is not much wider. */
static void
test_enclosures(void ** state)
{
    caustic_case_t problem;
    caustic_family_t family;
    caustic_theorem_problem claim;
    caustic_theorem_t theorem;
    arb_t time;

    (void) state;
    arb_init(time);
    read_case(problem, "name: a\n" CHAIN "parameters_on: [{name: y, interval: [\"1\", \"3\"]}]\nshock: {box: [[\"1/100\", \"3\"]]}\n");
    family_open(family, problem);
    memset(&claim, 0, sizeof(claim));
    claim.family = family;
    *claim.box = *problem->family->shock.box;
    claim.pieces = 16;
    claim.box_limit = 1000;
    caustic_theorem_init(theorem, &claim);
    assert_int_equal(theorem->pieces, 16);
    for (slong i = 0; i < 16; i++)
    {
        const caustic_theorem_piece * piece = theorem->piece + i;

        arb_set_fmpq(time, piece->range->upper, 64); /* T* is least at the upper end */
        arb_sqr(time, time, 64);
        arb_ui_div(time, 4, time, 64);
        assert_true(arb_le(piece->lower, time) || arb_overlaps(piece->lower, time));
        arb_mul_ui(time, time, 3, 64);
        arb_div_ui(time, time, 4, 64);
        assert_true(arb_gt(piece->lower, time));
        arb_set_fmpq(time, piece->range->lower, 64);
        arb_sqr(time, time, 64);
        arb_ui_div(time, 4, time, 64);
        assert_true(arb_ge(piece->upper, time) || arb_overlaps(piece->upper, time));
        arb_mul_ui(time, time, 4, 64);
        arb_div_ui(time, time, 3, 64);
        assert_true(arb_lt(piece->upper, time));
    }
    caustic_theorem_clear(theorem);
    caustic_family_clear(family);
    caustic_case_clear(problem);
    arb_clear(time);
}

/* What must not pass for one reduction of all values. */
static void
test_families(void ** state)
{
    caustic_case_t problem;
    caustic_family_t family;

    (void) state;
    /* the coordinate moves with the parameter */
    read_case(problem, "name: a\nparameters: [{name: x, domain: \"(0, inf)\"}]\nmetric: [[\"x^2\"]]\nquotient: [{name: z, is: \"y*log(x)\"}]\n"
        "section: [\"exp(z/y)\"]\nparameters_on: [{name: y, interval: [\"1\", \"2\"]}]\nloss: \"z^2\"\nshock: {box: [[\"-1\", \"1\"]]}\n");
    family_open(family, problem);
    assert_int_equal(family->reduced, 0);
    caustic_family_clear(family);
    caustic_case_clear(problem);

    /* a metric that degenerates inside the interval */
    read_case(problem, "name: a\nparameters: [{name: z}]\nmetric: [[\"y\"]]\nparameters_on: [{name: y, interval: [\"-1\", \"2\"]}]\n"
        "constants: [{name: y, value: \"1\"}]\nloss: \"z^2\"\nshock: {box: [[\"-1\", \"1\"]]}\n");
    family_open(family, problem);
    assert_int_equal(family->reduced, 0);
    caustic_family_clear(family);
    caustic_case_clear(problem);

    /* two parameters, and an end at a finite distance for some of their values */
    read_case(problem, "name: a\nparameters: [{name: z, domain: \"(0, inf)\"}]\nmetric: [[\"y*z^2 + x\"]]\n"
        "parameters_on: [{name: x, interval: [\"0\", \"1\"]}, {name: y, interval: [\"1\", \"2\"]}]\nloss: \"z^2\"\nshock: {box: [[\"1\", \"2\"]]}\n");
    family_open(family, problem);
    assert_int_equal(family->complete, 0);
    caustic_family_clear(family);
    caustic_case_clear(problem);
}

/* The intervals of the families, and what lies between them. */
static void
check_split(const char * text, const char * expected)
{
    caustic_case_t problem;
    caustic_families_t families;
    caustic_text_t found;

    caustic_text_init(found);
    read_case(problem, text);
    caustic_families_init(families, problem->family->setting, &problem->family->parameter_on->symbol,
        problem->family->parameter_on->interval, 1);
    for (slong k = 0; k < families->length; k++)
    {
        assert_int_equal(families->family[k].reduced, 1);
        caustic_interval_print(found, families->family[k].range + 1);
    }
    for (slong k = 0; k < families->gaps && families->length > 0; k++)
    {
        char * gap = fmpq_get_str(NULL, 10, families->gap + k);

        caustic_text_printf(found, " %s", gap);
        flint_free(gap);
    }
    assert_string_equal(found->data, expected);
    assert_int_equal(families->why[0] == '\0', families->gaps == 0 && families->length > 0);
    caustic_families_clear(families);
    caustic_case_clear(problem);
    caustic_text_clear(found);
}

#define METRIC(g, range) "name: a\nparameters: [{name: z}]\nmetric: [[\"" g "\"]]\nconstants: [{name: y, value: \"1/10\"}]\n" \
    "parameters_on: [{name: y, interval: " range "}]\nloss: \"z^2\"\nshock: {box: [[\"-1\", \"1\"]]}\n"

static void
test_splits(void ** state)
{
    (void) state;
    check_split(METRIC("y^2 + z^2", "[\"1\", \"2\"]"), "[1, 2]");
    check_split(METRIC("y^2 + z^2", "[\"-1\", \"2\"]"), "[-1, 0)(0, 2] 0");
    check_split(METRIC("y^2 + z^2", "\"(-1, 0]\""), "(-1, 0) 0");
    check_split(METRIC("(y^2 + z^2)*((y - 1/3)^2 + z^2)", "[\"0\", \"1/3\"]"), "(0, 1/3) 0 1/3");
    check_split(METRIC("(y - 1/3)^2 + z^2", "[\"0\", \"1\"]"), "[0, 1/3)(1/3, 1] 1/3");
    /* beside the interval */
    check_split(METRIC("(y - 1.0001)^2 + z^2", "[\"0\", \"1\"]"), "[0, 1]");
    /* no metric on a whole interval, or at an irrational number */
    check_split(METRIC("y + z^2", "[\"-1\", \"2\"]"), "");
    check_split(METRIC("(y^2 - 2)^2 + z^2", "[\"1\", \"2\"]"), "");
    check_split(METRIC("z", "[\"1\", \"2\"]"), "");
}

static void
check_limit(const char * setting, const char * range, int upper, const char * expected)
{
    caustic_case_t problem;
    caustic_family_t family;
    caustic_theorem_problem claim;
    caustic_theorem_limit_t limit;
    caustic_text_t text;
    char * a, * b;

    caustic_text_init(text);
    caustic_text_printf(text, "name: a\n%sconstants: [{name: y, value: \"1/10\"}]\nparameters_on: [{name: y, interval: %s}]\nshock: {box: [[\"-2\", \"3\"]]}\n", setting, range);
    read_case(problem, text->data);
    family_open(family, problem);
    assert_int_equal(family->reduced, 1);
    memset(&claim, 0, sizeof(claim));
    claim.family = family;
    *claim.box = *problem->family->shock.box;
    claim.time = CAUSTIC_NONE;
    claim.no_shock_iff = CAUSTIC_NONE;
    caustic_theorem_limit_init(limit, &claim, upper);
    a = fmpq_get_str(NULL, 10, limit->lower);
    b = fmpq_get_str(NULL, 10, limit->upper);
    caustic_text_reset(text);
    {
        /* the limit is no shock time of a flat line with the loss 3 z^2, nor, but for one case here, of one with -z^2/2 */
        caustic_expr z = family->symbol[0], flat = caustic_integer(family->pool, 1), square = caustic_power_si(family->pool, z, 2);

        assert_int_equal(caustic_theorem_limit_is_value(limit, &claim, flat, caustic_mul(family->pool, caustic_integer(family->pool, 3), square)),
            strcmp(expected, "none") == 0);
        assert_int_equal(caustic_theorem_limit_is_value(limit, &claim, flat, caustic_neg(family->pool, caustic_div(family->pool, square, caustic_integer(family->pool, 2)))),
            strcmp(expected, "1") == 0);
    }
    caustic_text_append(text, !limit->known ? "?" : !limit->shock ? "none" : limit->exact ? a : "between");
    if (strcmp(text->data, expected) != 0)
        fail_msg("%s on %s: %s, expected %s: %s ... %s", setting, range, text->data, expected, a, b);
    if (strcmp(expected, "between") == 0) /* sqrt(2), to twelve digits */
    {
        fmpq_t square, width;

        fmpq_init(square);
        fmpq_init(width);
        fmpq_sub(width, limit->upper, limit->lower);
        fmpq_mul_2exp(width, width, 38);
        assert_true(fmpq_sgn(width) > 0 && fmpq_cmp_si(width, 1) <= 0);
        fmpq_mul(square, limit->lower, limit->lower);
        assert_true(fmpq_cmp_si(square, 2) < 0);
        fmpq_mul(square, limit->upper, limit->upper);
        assert_true(fmpq_cmp_si(square, 2) > 0);
        fmpq_clear(square);
        fmpq_clear(width);
    }
    flint_free(a);
    flint_free(b);
    caustic_theorem_limit_clear(limit);
    caustic_family_clear(family);
    caustic_case_clear(problem);
    caustic_text_clear(text);
}

static void
test_limits(void ** state)
{
    (void) state;
    check_limit(LEAF, "\"(0, 1]\"", 0, "1");
    check_limit(LEAF, "\"(1/2, 1]\"", 0, "none");
    check_limit(LEAF, "\"[-1, 0)\"", 1, "1");
    check_limit(LINE("-z^2/(2 + 2*y)"), "\"(0, 1)\"", 0, "1");
    check_limit(LINE("-z^2/(2 + 2*y)"), "\"(0, 1)\"", 1, "2");
    /* a power of 2, with which T* is not compared as it is equal */
    check_limit(LINE("-z^2/4"), "\"(0, 1)\"", 1, "2");
    check_limit(LINE("-z^2"), "\"(0, 1)\"", 1, "1/2");
    check_limit(LINE("-z^2/(1 + y^2)*sqrt(1 + y)/2"), "\"(0, 1)\"", 1, "between");
    /* T* is 1/y, and 0 in the limit or infinite */
    check_limit(LINE("-y*z^2/2"), "\"(0, 1)\"", 0, "?");
    check_limit(LINE("-z^2/y"), "\"(0, 1)\"", 0, "?");
    check_limit(LINE("-y*cos(z)"), "\"(0, 1)\"", 0, "?");
}

static void
check_complete(const char * cometric, const char * ends, int expected)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_expr z = caustic_symbol(pool, "z"), g;
    caustic_name names[1] = {{"z", z}};
    caustic_scope scope = {names, 1, NULL, 0};
    caustic_interval_t domain;
    caustic_error_t error;
    gr_ctx_t field;
    gr_ptr x;

    caustic_interval_init(domain);
    domain->lower_infinite = strchr(ends, '<') != NULL;
    domain->upper_infinite = strchr(ends, '>') != NULL;
    fmpq_set_si(domain->upper, 3, 1);
    caustic_error_init(error);
    assert_int_equal(caustic_parse(&g, pool, cometric, &scope, NULL, error), CAUSTIC_OK);
    caustic_field_ctx_init(field, pool, &z, domain, 1);
    x = gr_heap_init(field);
    assert_int_equal(caustic_field_set_expr(x, g, field), GR_SUCCESS);
    assert_int_equal(caustic_line_is_complete(x, domain, field), expected);
    gr_heap_clear(x, field);
    gr_ctx_clear(field);
    caustic_interval_clear(domain);
    caustic_error_clear(error);
    caustic_pool_free(pool);
}

static void
test_complete_lines(void ** state)
{
    (void) state;
    check_complete("1", "<>", 1);
    check_complete("sqrt(1/100 + 4*z^2)", "<>", 1);
    check_complete("z^2 + 1", "<>", 1);
    check_complete("z^4 + 1", "<>", 0);      /* infinity in finite time */
    check_complete("2*z^2", ">", 1);
    check_complete("2*z^(3/2)", ">", 0);     /* 0 is at a finite distance */
    check_complete("2*z^(5/2)", ">", 0);     /* infinity is */
    check_complete("1", ">", 0);
    check_complete("z^2*(3 - z)^2", "", 1);
    check_complete("z^2*(3 - z)", "", 0);
}

/* Reading with other values, and as symbols. */
static void
test_constants_as(void ** state)
{
    static const char text[] = "name: a\n" CHAIN "constants: [{name: y, value: \"2\"}, {name: x, value: \"y + 1\"}]\n"
        "shock: {box: [[\"1/100\", \"x\"]]}\n";
    caustic_case_t problem;
    caustic_error_t error;
    caustic_interval_t range;
    fmpq_t value;
    caustic_constant_as as[1] = {{"y", NULL, NULL}};

    (void) state;
    caustic_error_init(error);
    caustic_interval_init(range);
    fmpq_init(value);
    fmpq_set_si(value, 7, 2);
    as->value = value;
    assert_int_equal(caustic_case_read_text_as(problem, text, strlen(text), "a.yaml", as, 1, error), CAUSTIC_OK);
    fmpq_set_si(value, 9, 2);
    assert_true(fmpq_equal(problem->shock.box->upper, value));
    caustic_case_clear(problem);

    /* a box that depends on a symbol is no box; a name that is no constant is a mistake */
    range->lower_infinite = range->upper_infinite = 0;
    fmpq_set_si(range->upper, 1, 1);
    as->value = NULL;
    as->range = range;
    assert_int_equal(caustic_case_read_text_as(problem, text, strlen(text), "a.yaml", as, 1, error), CAUSTIC_BAD_INPUT);
    caustic_case_clear(problem);
    as->name = "w";
    assert_int_equal(caustic_case_read_text_as(problem, text, strlen(text), "a.yaml", as, 1, error), CAUSTIC_BAD_INPUT);
    assert_non_null(strstr(error->message, "no constant 'w'"));
    caustic_case_clear(problem);
    fmpq_clear(value);
    caustic_interval_clear(range);
    caustic_error_clear(error);
}

/* Rows do not depend on what was asked before, and are those of the case with the value in it. */
static void
test_sweep_values(void ** state)
{
    static const char text[] = "name: a\n" CHAIN "constants: [{name: y, value: \"2\"}]\nshock: {box: [[\"1/100\", \"3\"]]}\nclaims: {shock_time: \"4/y^2\"}\n";
    caustic_run_options options;
    caustic_interval_t range;
    caustic_constant_as as[1] = {{"y", NULL, NULL}};
    caustic_sweep * one, * other;
    caustic_case_t problem;
    json_t * over = json_array(), * values = json_array(), * record;
    fmpq * value = _fmpq_vec_init(1);

    (void) state;
    caustic_run_options_init(&options);
    caustic_interval_init(range);
    range->lower_infinite = range->upper_infinite = 0;
    range->lower_closed = range->upper_closed = 1;
    fmpq_set_si(range->lower, 1, 1);
    fmpq_set_si(range->upper, 3, 1);
    as->range = range;
    one = caustic_sweep_new(text, strlen(text), "a.yaml", as, 1, CAUSTIC_COMMAND_SHOCK, &options);
    for (slong i = 0; i <= 4; i++)
    {
        json_t * row, * again;

        fmpq_set_si(value, 2 + i, 2);
        other = caustic_sweep_new(text, strlen(text), "a.yaml", as, 1, CAUSTIC_COMMAND_SHOCK, &options);
        row = caustic_sweep_value(one, value);
        again = caustic_sweep_value(other, value);
        assert_true(json_equal(row, again));
        assert_string_equal(json_string_value(json_object_get(row, "verdict")), "PROVED");
        assert_string_equal(json_string_value(json_object_get(row, "claim")), "PROVED");
        json_array_append_new(values, row);
        json_decref(again);
        caustic_sweep_free(other);
    }
    caustic_sweep_free(one);
    read_case(problem, text);
    record = caustic_report_sweep(problem, over, values);
    assert_string_equal(json_string_value(json_object_get(record, "verdict")), "PROVED");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(record, "counts"), "PROVED")), 5);
    json_decref(record);
    caustic_case_clear(problem);
    _fmpq_vec_clear(value, 1);
    caustic_interval_clear(range);
    caustic_run_options_clear(&options);
}

static void
test_source(void ** state)
{
    caustic_text_t text;
    caustic_error_t error;

    (void) state;
    caustic_text_init(text);
    caustic_error_init(error);
    assert_int_equal(caustic_case_source(text, "no/such/file.yaml", error), CAUSTIC_IO_ERROR);
    caustic_text_clear(text);
    caustic_error_clear(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_theorems),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_enclosures),
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_complete_lines),
        cmocka_unit_test(test_constants_as),
        cmocka_unit_test(test_sweep_values),
        cmocka_unit_test(test_source),
    };
    int failed;

    json_set_alloc_funcs(flint_malloc, flint_free);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    flint_cleanup_master();
    return failed;
}
