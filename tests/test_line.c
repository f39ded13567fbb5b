/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Losses of one flat coordinate of a larger quotient, and near misses: a map that is not of unit length, one that is
    not harmonic, a loss that is not its function.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "problem.h"

#define DET "(m11*m22 - m12*m21)"
#define HEAD "name: head\npreset: {kind: attention, model: 2, head: 2, product: qk}\n"
#define BOX "verify: {viscosity: [1/20], box: [[1, 2], [-1/4, 1/4], [-1/4, 1/4], [1, 2]], time: [1/10, 1]}\n"
#define PLANE "name: plane\nparameters: [{name: x}, {name: y, domain: \"(0, inf)\"}]\nmetric: [[1, 0], [0, y^2]]\n"
#define SQUARE "verify: {viscosity: [1/20], box: [[-1/2, 1/2], [1, 2]], time: [1/10, 1]}\n"

static void
test_line(void ** state)
{
    static const struct
    {
        const char * text, * map, * loss, * block;
        caustic_verdict verdict;
        const char * why;
    }
    cases[] =
    {
        {HEAD, "log(" DET "^2)/4", "(log(" DET "^2) - 1)^2/2", BOX, CAUSTIC_PROVED, ""},
        {HEAD, "log(" DET "^2)/4", "log(" DET "^2)^2/8 + log(" DET "^2)^4/100", BOX, CAUSTIC_PROVED, ""},
        {HEAD, "log(" DET "^2)/4*(1 + 1/10^30)", "(log(" DET "^2) - 1)^2/2", BOX, CAUSTIC_UNDECIDED, "not 1 at"},
        {HEAD, "log(" DET "^2)/4", "(log(" DET "^2) - 1)^2/2 + m12^2/10^30", BOX, CAUSTIC_UNDECIDED, "not proved to be a function"},
        {HEAD, "log(m11^2 + m12^2 + m21^2 + m22^2)/4", "log(m11^2 + m12^2 + m21^2 + m22^2)^2", BOX, CAUSTIC_UNDECIDED, "flat coordinate"},
        {PLANE, "log(y)", "(log(y) - 1)^2/2", SQUARE, CAUSTIC_PROVED, ""},
        {PLANE, "log(y)", "(log(y) - 1)^2/2 + x/10^25", SQUARE, CAUSTIC_UNDECIDED, "not proved to be a function"},
        {PLANE, "3/5*x + 4/5*log(y)", "(3/5*x + 4/5*log(y))^2", SQUARE, CAUSTIC_PROVED, ""},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_residual_options options;
        caustic_residual_result_t result;
        caustic_text_t text;

        caustic_text_init(text);
        caustic_text_printf(text, "%snormal_form: {kind: euclidean, map: [\"%s\"]}\nloss: \"%s\"\n%s", cases[i].text, cases[i].map,
            cases[i].loss, cases[i].block);
        read_case(problem, text->data);
        caustic_reduction_init(reduction, problem->setting);
        options = verify_options(problem, 10000);
        caustic_residual_result_init(result);
        caustic_verify_line(result, reduction, problem->normal_form_map[0], &options);
        if (result->verdict != cases[i].verdict)
            fail_msg("case %d: %s", (int) i, result->entries[0].detail);
        assert_non_null(strstr(result->entries[0].detail, cases[i].why));
        assert_int_equal(result->altered_tried, result->altered_refuted);
        caustic_residual_result_clear(result);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
        caustic_text_clear(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_line)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
