/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    For tests: a case from its text, and what its verify block asks. To be included after cmocka.h.
*/

#ifndef CAUSTIC_TESTS_PROBLEM_H
#define CAUSTIC_TESTS_PROBLEM_H

#include <string.h>
#include <caustic/case.h>
#include <caustic/residual.h>

/* Reads a case from text; a mistake in the text fails the test with its message. */
static inline void
read_case(caustic_case_t problem, const char * text)
{
    caustic_error_t error;

    caustic_error_init(error);
    if (caustic_case_read_text(problem, text, strlen(text), "test.yaml", error) != CAUSTIC_OK)
        fail_msg("%ld:%ld: %s\n%s", (long) error->line, (long) error->column, error->message, text);
    caustic_error_clear(error);
}

/* The options share what the case holds. */
static inline caustic_residual_options
verify_options(const caustic_case_t problem, slong precision_limit)
{
    caustic_residual_options options;

    memset(&options, 0, sizeof(options));
    options.viscosities = problem->verify.viscosities;
    options.viscosity = problem->verify.viscosity;
    options.box = problem->verify.box;
    options.time = problem->verify.time;
    options.tolerance = problem->verify.tolerance;
    options.precision_limit = precision_limit;
    return options;
}

static inline const caustic_residual_check *
find_residual_check(const caustic_residual_result_t result, const char * name)
{
    for (slong i = 0; i < result->length; i++)
        if (strcmp(result->entries[i].name, name) == 0)
            return result->entries + i;
    fail_msg("no check %s", name);
    return NULL;
}

static inline caustic_verdict
check_verdict(const caustic_residual_result_t result, const char * name)
{
    return find_residual_check(result, name)->verdict;
}

#endif
