/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    For tests of shock times in several coordinates: what is asked, and the answer. To be included after cmocka.h, once a program.
*/

#ifndef CAUSTIC_TESTS_SHOCK_QUESTION_H
#define CAUSTIC_TESTS_SHOCK_QUESTION_H

#include <string.h>
#include <caustic/focal.h>
#include <caustic/shock.h>
#include "letters.h"

#define MOST 4

typedef struct
{
    slong dimension;
    const char * cometric[MOST * MOST]; /* none: the unit matrix */
    const char * loss;
    const char * box[2 * MOST];         /* lower and upper end of each coordinate; NULL: infinite */
    slong digits;                       /* 0: 30 */
    const char * time;                  /* claims */
    const char * at[MOST];
    int none;
    int positive;                       /* the domains are (0, inf), and the coordinates exponentials of flat ones */
    slong box_limit;                    /* 0: the usual one */
}
question;

static caustic_pool * pool;
static caustic_shock_result_t result;
static struct
{
    caustic_shock_flat_problem problem;
    caustic_interval_struct domain[MOST], box[MOST];
    caustic_expr z[MOST], cometric[MOST * MOST], drift[MOST], at[MOST];
}
posed;

static inline void
forget_question(void)
{
    for (slong k = 0; k < posed.problem.dimension; k++)
    {
        caustic_interval_clear(posed.domain + k);
        caustic_interval_clear(posed.box + k);
    }
    posed.problem.dimension = 0;
}

/* Question and answer stay until the next question. */
static inline void
forget_answer(void)
{
    forget_question();
    caustic_shock_result_clear(result);
    caustic_pool_free(pool);
    pool = caustic_pool_new();
    caustic_shock_result_init(result);
}

static inline int
set_up(void ** state)
{
    (void) state;
    pool = caustic_pool_new();
    caustic_shock_result_init(result);
    return 0;
}

static inline int
tear_down(void ** state)
{
    (void) state;
    forget_question();
    caustic_shock_result_clear(result);
    caustic_pool_free(pool);
    flint_cleanup();
    return 0;
}

static inline caustic_expr
read_letters(const char * text, const char * const * letters, slong length)
{
    return text == NULL ? CAUSTIC_NONE : parse_letters(pool, text, letters, length);
}

static inline void
read_end(fmpq_t x, int * infinite, int * closed, const char * text)
{
    caustic_error_t error;

    *infinite = text == NULL;
    *closed = text != NULL;
    if (text == NULL)
        return;
    caustic_error_init(error);
    assert_int_equal(caustic_parse_fmpq(x, text, NULL, error), CAUSTIC_OK);
    caustic_error_clear(error);
}

/* The problem in the given names of the coordinates; it lives until the next. */
static inline const caustic_shock_flat_problem *
pose(const char * const * letters, question q)
{
    caustic_shock_flat_problem * problem = &posed.problem;
    caustic_expr * z = posed.z;
    slong d = q.dimension;

    forget_answer();
    for (slong k = 0; k < d; k++)
    {
        caustic_interval_struct * domain = posed.domain + k, * box = posed.box + k;

        z[k] = caustic_symbol(pool, letters[k]);
        if (q.positive)
            caustic_symbol_assume_positive(pool, z[k]);
        caustic_interval_init(domain);
        caustic_interval_init(box);
        domain->lower_infinite = !q.positive;
        domain->upper_infinite = 1;
        domain->lower_closed = 0;
        read_end(box->lower, &box->lower_infinite, &box->lower_closed, q.box[2 * k]);
        read_end(box->upper, &box->upper_infinite, &box->upper_closed, q.box[2 * k + 1]);
    }
    for (slong i = 0; i < d * d; i++)
        posed.cometric[i] = q.cometric[0] == NULL ? caustic_integer(pool, i / d == i % d) : read_letters(q.cometric[i], letters, d);
    for (slong k = 0; k < d; k++)
    {
        /* that of log coordinates: b = g_kk/z_k; 0 elsewhere, where nothing depends on it */
        posed.drift[k] = q.positive ? caustic_div(pool, posed.cometric[k * d + k], z[k]) : caustic_integer(pool, 0);
        posed.at[k] = read_letters(q.at[k], letters, d);
    }
    memset(problem, 0, sizeof(*problem));
    problem->pool = pool;
    problem->dimension = d;
    problem->z = z;
    problem->domain = posed.domain;
    problem->cometric = posed.cometric;
    problem->drift = posed.drift;
    problem->loss = read_letters(q.loss, letters, d);
    problem->box = posed.box;
    problem->digits = q.digits ? q.digits : 30;
    problem->precision_limit = 1 << 14;
    problem->box_limit = q.box_limit;
    problem->claimed_time = read_letters(q.time, letters, d);
    problem->claimed_at = q.at[0] == NULL ? NULL : posed.at;
    problem->claimed_none = q.none;
    return problem;
}

/* The characteristics of the same question; z and cometric are room for its expressions. No answer is forgotten. */
static inline void
set_characteristics(caustic_focal_problem * problem, caustic_expr * z, caustic_expr * cometric, const char * const * letters, question q)
{
    slong d = q.dimension;

    for (slong k = 0; k < d; k++)
        z[k] = caustic_symbol(pool, letters[k]);
    for (slong i = 0; i < d * d; i++)
        cometric[i] = q.cometric[0] == NULL ? caustic_integer(pool, i / d == i % d) : read_letters(q.cometric[i], letters, d);
    memset(problem, 0, sizeof(*problem));
    problem->pool = pool;
    problem->dimension = problem->feet = d;
    problem->coordinate = problem->foot = problem->start = z;
    problem->cometric = cometric;
    problem->function = read_letters(q.loss, letters, d);
}

#endif
