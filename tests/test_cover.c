/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Cylinders and tori: quotients that are proved to be covered by R^d, those that are not quite, and planted errors.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "problem.h"
#include "residual/euclidean.h"

#define RUN "verify: {viscosity: [1/20], box: [[1/2, 3/4], [-1/8, 1/8]], time: [1/10, 1/8], tolerance: 1e-27}\n"
#define NEURON "name: neuron\npreset: {kind: relu-neuron, inputs: 2}\n"
#define LOSS "loss: (z1 - 1)^2/2 + (z2 - 1/2)^2/3\n"
#define MAP "normal_form: {kind: cylinder, map: [\"log(z1^2 + z2^2)/sqrt(8)\", \"atan(z2/z1)\"]}\n"
/* Two directions without lengths. */
#define DISC(v) v "1^2 + " v "2^2"
#define TORUS "name: torus\nparameters: [{name: v1}, {name: v2}, {name: w1}, {name: w2}]\n" \
    "metric: [[" DISC("v") ", 0, 0, 0], [0, " DISC("v") ", 0, 0], [0, 0, " DISC("w") ", 0], [0, 0, 0, " DISC("w") "]]\n" \
    "action: {generators: [[v1, v2, 0, 0], [0, 0, w1, w2]]}\n" \
    "stratum: [" DISC("v") ", " DISC("w") ", \"v1 + sqrt(" DISC("v") ")\", \"w1 + sqrt(" DISC("w") ")\"]\n" \
    "quotient: [{name: z1, is: \"v2/(v1 + sqrt(" DISC("v") "))\"}, {name: z2, is: \"w2/(w1 + sqrt(" DISC("w") "))\"}]\n" \
    "section: [\"(1 - z1^2)/(1 + z1^2)\", \"2*z1/(1 + z1^2)\", \"(1 - z2^2)/(1 + z2^2)\", \"2*z2/(1 + z2^2)\"]\n"
/* The plane without 0 and without a group, written out with a metric of one's own. */
#define PLANE(corner, stratum) "name: plane\nparameters: [{name: z1}, {name: z2}]\n" \
    "metric: [[\"" corner "\", \"z1*z2\"], [\"z1*z2\", \"z1^2 + 2*z2^2\"]]\nstratum: [\"" stratum "\"]\n"

static const struct
{
    const char * text;
    caustic_verdict verdict;
    const char * word; /* in the first detail */
}
examples[] =
{
    {NEURON MAP LOSS RUN, CAUSTIC_PROVED, "flat parameters"},
    {NEURON LOSS RUN, CAUSTIC_PROVED, "flat parameters"},
    {NEURON LOSS "verify: {viscosity: [1/20], box: [[-3/4, -1/2], [-1/8, 1/8]], time: [1/10, 1/8], tolerance: 1e-27}\n", CAUSTIC_PROVED,
        "flat parameters"},
    {NEURON "loss: 2\n" RUN, CAUSTIC_PROVED, "constant"},
    {PLANE("2*z1^2 + z2^2", "z1^2 + z2^2") LOSS RUN, CAUSTIC_PROVED, "parameter space itself"},
    {TORUS "normal_form: {kind: torus, map: [2*atan(z1), 2*atan(z2)]}\n"
        "loss: \"(v1*w1 + v2*w2)/sqrt((" DISC("v") ")*(" DISC("w") "))/2 + v1/(3*sqrt(" DISC("v") "))\"\n" RUN, CAUSTIC_PROVED, "flat parameters"},
    {TORUS "normal_form: {kind: torus}\nloss: (1 - z1^2)/(1 + z1^2)/2 + z2/(1 + z2^2)\n" RUN, CAUSTIC_PROVED, "flat parameters"},

    /* another period, another length, the same function twice, too few */
    {NEURON "normal_form: {kind: cylinder, map: [\"log(z1^2 + z2^2)/sqrt(8)\", \"2*atan(z2/z1)\"]}\n" LOSS RUN, CAUSTIC_REFUTED, "isometry"},
    {NEURON "normal_form: {kind: cylinder, map: [\"log(z1^2 + z2^2)/2\", \"atan(z2/z1)\"]}\n" LOSS RUN, CAUSTIC_REFUTED, "isometry"},
    {NEURON "normal_form: {kind: cylinder, map: [\"atan(z2/z1)\", \"atan(z2/z1)\"]}\n" LOSS RUN, CAUSTIC_REFUTED, "isometry"},
    /* a cylinder is no torus, and the other way round */
    {NEURON "normal_form: {kind: torus}\n" LOSS RUN, CAUSTIC_UNDECIDED, "1 are closed"},
    {TORUS "normal_form: {kind: cylinder}\nloss: 1/(1 + z1^2)\n" RUN, CAUSTIC_UNDECIDED, "2 are closed"},
    {"name: flat\npreset: {kind: softmax-bias, classes: 3}\nnormal_form: {kind: cylinder}\nloss: z1^2 + z2^2\n" RUN, CAUSTIC_UNDECIDED,
        "0 are closed"},
    /* not onto: a half plane, and a wall; a cone's metric that is none of a cylinder; a loss with a seam */
    {"name: half\nparameters: [{name: z1, domain: \"(0, inf)\"}, {name: z2}]\nmetric: [[\"2*z1^2 + z2^2\", \"z1*z2\"], [\"z1*z2\", \"z1^2 + 2*z2^2\"]]\n"
        "normal_form: {kind: cylinder}\n" LOSS RUN, CAUSTIC_UNDECIDED, "not that of a line times a sphere"},
    {PLANE("2*z1^2 + z2^2", "z1^2 + z2^2\", \"z1") LOSS RUN, CAUSTIC_UNDECIDED, "leaves out more"},
    {PLANE("3*z1^2 + z2^2", "z1^2 + z2^2") LOSS RUN, CAUSTIC_UNDECIDED, "not that of a line times a sphere"},
    {TORUS "normal_form: {kind: torus}\nloss: atan(z1)^2\n" RUN, CAUSTIC_UNDECIDED, ""},
    /* a box that goes around the origin */
    {NEURON LOSS "verify: {viscosity: [1/20], box: [[-1, 1], [-1, 1]], time: [1/10, 1/8], tolerance: 1e-27}\n", CAUSTIC_UNDECIDED, "around an origin"},
};

static void
run(caustic_residual_result_t result, const caustic_case_t problem, const caustic_reduction_t reduction, const char * factor)
{
    caustic_residual_options options = verify_options(problem, 20000);
    const caustic_expr * given = problem->normal_form_maps > 0 ? problem->normal_form_map : NULL;
    fmpq_t kernel;

    fmpq_init(kernel);
    fmpq_set_str(kernel, factor, 10);
    caustic_residual_result_init(result);
    if (fmpq_is_one(kernel))
        caustic_verify_cover(result, reduction, problem->normal_form_kind, given, problem->normal_form_maps, &options);
    else
        verify_cover_planted(result, reduction, problem->normal_form_kind, given, problem->normal_form_maps, &options, kernel);
    fmpq_clear(kernel);
}

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
        run(result, problem, reduction, "1");
        if (result->verdict != examples[i].verdict || strstr(result->entries[0].detail, examples[i].word) == NULL)
        {
            for (slong k = 0; k < result->length; k++)
                print_message("%s %s: %s\n", result->entries[k].name, caustic_verdict_name(result->entries[k].verdict),
                    result->entries[k].detail);
            fail_msg("%s", examples[i].text);
        }
        if (result->verdict == CAUSTIC_PROVED)
            assert_int_equal(result->altered_refuted, result->altered_tried);
        if (result->verdict == CAUSTIC_PROVED && strstr(examples[i].text, "loss: 2") == NULL)
            assert_true(result->altered_tried >= 4);
        caustic_residual_result_clear(result);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
    }
}

/* 1 + 10^-25 times e */
static caustic_expr
off_by_a_little(caustic_pool * pool, caustic_expr e)
{
    fmpq_t factor;

    fmpq_init(factor);
    fmpz_ui_pow_ui(fmpq_denref(factor), 10, 25);
    fmpz_add_ui(fmpq_numref(factor), fmpq_denref(factor), 1);
    e = caustic_mul(pool, caustic_number(pool, factor), e);
    fmpq_clear(factor);
    return e;
}

/* An error of 1e-25 in the cometric, in the drift, in the case's map, or in the loss of the kernel: each is REFUTED. */
static void
test_planted(void ** state)
{
    (void) state;
    for (int plant = 0; plant < 4; plant++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_residual_result_t result;

        read_case(problem, examples[0].text);
        caustic_reduction_init(reduction, problem->setting);
        if (plant == 0)
            reduction->cometric_expr[3] = off_by_a_little(problem->pool, reduction->cometric_expr[3]);
        if (plant == 1)
            reduction->drift_expr[1] = off_by_a_little(problem->pool, reduction->drift_expr[1]);
        if (plant == 2)
            problem->normal_form_map[1] = off_by_a_little(problem->pool, problem->normal_form_map[1]);
        run(result, problem, reduction, plant == 3 ? "10000000000000000000000001/10000000000000000000000000" : "1");
        if (check_verdict(result, "reduction") != CAUSTIC_REFUTED)
            fail_msg("plant %d: %s", plant, find_residual_check(result, "reduction")->detail);
        if (plant == 3)
            assert_int_equal(check_verdict(result, "initial_data"), CAUSTIC_REFUTED);
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
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_planted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
