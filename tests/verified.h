/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    A case from its text, verified as a circle or a sphere.
*/

#ifndef CAUSTIC_TEST_VERIFIED_H
#define CAUSTIC_TEST_VERIFIED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "problem.h"
#include "residual/residual_internal.h"

typedef struct
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_residual_result_t result;
    caustic_residual_options options;
}
verified_struct;

typedef verified_struct verified_t[1];

/* A preset of batch normalisation; `rest` is the normal form, the loss and what else follows. */
static inline void
verified_read(verified_t v, const char * preset, const char * rest)
{
    caustic_text_t text;

    caustic_text_init(text);
    caustic_text_printf(text, "name: planted\n%s\n%s\n", preset, rest);
    read_case(v->problem, text->data);
    caustic_text_clear(text);
    caustic_reduction_init(v->reduction, v->problem->setting);
    caustic_residual_result_init(v->result);
    v->options = verify_options(v->problem, 20000);
}

static inline void
verified_run(verified_t v, void (* plant)(caustic_harmonics_struct *))
{
    verify_harmonic_planted(v->result, v->reduction, v->problem->normal_form_kind,
        v->problem->normal_form_maps == 1 ? v->problem->normal_form_map[0] : CAUSTIC_NONE, &v->options, plant);
}

static inline void
verified_clear(verified_t v)
{
    caustic_residual_result_clear(v->result);
    caustic_reduction_clear(v->reduction);
    caustic_case_clear(v->problem);
}

static inline const caustic_residual_check *
verified_check(const verified_t v, const char * name)
{
    return find_residual_check(v->result, name);
}

/* The verdict of the whole, and a word that the first detail has to contain. */
static inline void
expect_verdict(const char * preset, const char * rest, caustic_verdict verdict, const char * word)
{
    verified_t v;

    verified_read(v, preset, rest);
    verified_run(v, NULL);
    if (v->result->verdict != verdict || strstr(v->result->entries[0].detail, word) == NULL)
        fail_msg("%s: %s, %s", rest, caustic_verdict_name(v->result->verdict), v->result->entries[0].detail);
    verified_clear(v);
}

/* Plants an error, and expects that the named check is REFUTED. */
static inline void
expect_found(const char * preset, const char * rest, void (* plant)(caustic_harmonics_struct *), const char * check)
{
    verified_t v;

    verified_read(v, preset, rest);
    verified_run(v, plant);
    if (verified_check(v, check)->verdict != CAUSTIC_REFUTED)
        fail_msg("%s: %s", check, verified_check(v, check)->detail);
    verified_clear(v);
}

/* x times 1 + 10^-25 */
static inline void
off_by_a_little(arb_t x)
{
    arb_t y;

    arb_init(y);
    arb_set_ui(y, 10);
    arb_pow_ui(y, y, 25, 1000);
    arb_div(y, x, y, 1000);
    arb_add(x, x, y, 1000);
    arb_clear(y);
}

static inline void
plant_eigenvalue(caustic_harmonics_struct * harmonics)
{
    off_by_a_little(harmonics->eigenvalue + 2);
}

/* The same in the weight of an eigenfunction. */
static inline void
plant_coefficient(caustic_harmonics_struct * harmonics)
{
    off_by_a_little((harmonics->amplitude != NULL ? harmonics->amplitude : harmonics->cosine) + 2);
}

/* The bound of the rest stays, what it bounds is more. */
static inline void
plant_tail(caustic_harmonics_struct * harmonics)
{
    arb_ptr first = harmonics->amplitude != NULL ? harmonics->amplitude : harmonics->cosine;

    for (slong k = 20; k < harmonics->length; k++)
        arb_zero(first + k);
}

#endif
