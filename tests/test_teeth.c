/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Teeth of whole verifications: for every form of the kernel sums and series, enclosures that are off by 10^-25, as they would be
    with a bound of a tail or of a quadrature that is too small, everywhere or in one coefficient at one corner of the box.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "problem.h"
#include "residual/residual_internal.h"

#define CHAIN "name: teeth\npreset: {kind: relu-chain, depth: 2}\n"
#define PAIR "name: teeth\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
#define PLANE "name: teeth\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\nstratum: [x^2 + y^2]\naction: {generators: [[-y, x]]}\n" \
    "quotient: [{name: z, is: x^2 + y^2, domain: \"(0, inf)\"}]\nsection: [sqrt(z), 0]\n"
#define CIRCLE "name: teeth\npreset: {kind: batchnorm, fan_in: 2}\nnormal_form: {kind: torus, map: [\"2*atan(z)\"]}\n"
#define SPHERE "name: teeth\npreset: {kind: batchnorm, fan_in: 3}\nnormal_form: {kind: sphere, map: [\"(1 - z1^2 - z2^2)/(1 + z1^2 + z2^2)\"]}\n"
#define BOX "verify: {viscosity: [1/20], box: [[1/2, 3/2]], time: [1/10, 1/2]}\n"
#define SQUARE "verify: {viscosity: [1/20], box: [[1/2, 3/2], [1/2, 3/2]], time: [1/10, 1/5]}\n"

typedef enum { FORM_LINE, FORM_FLAT, FORM_RADIAL, FORM_HARMONIC } form;

static const struct
{
    form kind;
    const char * text;
}
cases[] =
{
    {FORM_LINE, CHAIN "loss: (z - 2)^2/2\n" BOX},
    {FORM_LINE, CHAIN "loss: abs(z - 1) + (z - 2)^2/4\n" BOX},
    {FORM_FLAT, PAIR "loss: abs(x - 1) + (y - 1)^2\n" SQUARE},
    {FORM_RADIAL, PLANE "loss: (z - 1)^2/4\n" BOX},
    {FORM_HARMONIC, CIRCLE "loss: (w1/sqrt(w1^2 + w2^2) - 3/5)^2/2\n" BOX},
    {FORM_HARMONIC, SPHERE "loss: ((1 - z1^2 - z2^2)/(1 + z1^2 + z2^2) - 1/3)^2/2\n" SQUARE},
};

static void
run(caustic_residual_result_t result, size_t i, const caustic_residual_plant * plant)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_residual_options options;
    caustic_expr given;

    read_case(problem, cases[i].text);
    caustic_reduction_init(reduction, problem->setting);
    options = verify_options(problem, 20000);
    options.plant = plant;
    caustic_residual_result_init(result);
    given = problem->normal_form_maps == 1 ? problem->normal_form_map[0] : CAUSTIC_NONE;
    switch (cases[i].kind)
    {
        case FORM_LINE:
            caustic_verify_1d(result, reduction, given, &options);
            break;
        case FORM_FLAT:
            caustic_verify_euclidean(result, reduction, NULL, &options);
            break;
        case FORM_RADIAL:
            caustic_verify_radial(result, reduction, given, &options);
            break;
        default:
            caustic_verify_harmonic(result, reduction, problem->normal_form_kind, given, &options);
    }
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
}

static int
some_check(const caustic_residual_result_t result, caustic_verdict verdict)
{
    int found = 0;

    for (slong i = 0; i < result->length; i++)
        found = found || result->entries[i].verdict == verdict;
    return found;
}

static void
test_enclosures_that_lie(void ** state)
{
    static const caustic_residual_plant plants[] = {
        {PLANT_VALUE, 0}, {PLANT_SECOND, 0}, {PLANT_TIME, 0}, {PLANT_SECOND, 1}, {PLANT_TIME, 1}, {PLANT_VALUE, 1}};
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_residual_result_t result;

        /* without a plant all is proved */
        run(result, i, NULL);
        if (result->verdict != CAUSTIC_PROVED)
            for (slong k = 0; k < result->length; k++)
                print_message("%s\n", result->entries[k].detail);
        assert_int_equal(result->verdict, CAUSTIC_PROVED);
        caustic_residual_result_clear(result);
        for (size_t k = 0; k < sizeof(plants) / sizeof(plants[0]); k++)
        {
            run(result, i, plants + k);
            if (!some_check(result, CAUSTIC_REFUTED))
                fail_msg("case %d, plant %d: not found; %s", (int) i, (int) k, result->entries[1].detail);
            caustic_residual_result_clear(result);
        }
    }
}

/* Every certificate names the numbers of the proofs that it uses. */
static void
test_methods_name_proofs(void ** state)
{
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_residual_result_t result;

        run(result, i, NULL);
        for (slong k = 1; k < result->length; k++)
            assert_non_null(strstr(result->entries[k].method, "[RESIDUAL-"));
        caustic_residual_result_clear(result);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enclosures_that_lie),
        cmocka_unit_test(test_methods_name_proofs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
