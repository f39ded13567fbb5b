/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    form: the signs of symmetric matrices of balls, by elimination with diagonal pivots [FOCAL-5].
*/

#include <caustic/focal.h>

/* The diagonal entry from k on with the largest centre, or the largest in size. */
static slong best_pivot(const arb_mat_t form, slong k, int in_size)
{
    slong i, best = k;
    for (i = k + 1; i < arb_mat_nrows(form); i++)
    {
        const arf_struct * a = arb_midref(arb_mat_entry(form, i, i));
        const arf_struct * b = arb_midref(arb_mat_entry(form, best, best));
        if ((in_size ? arf_cmpabs(a, b) : arf_cmp(a, b)) > 0)
        {
            best = i;
        }
    }
    return best;
}

static void swap_symmetric(arb_mat_t form, slong i, slong j)
{
    slong k;
    for (k = 0; k < arb_mat_nrows(form) && i != j; k++)
    {
        arb_swap(arb_mat_entry(form, i, k), arb_mat_entry(form, j, k));
    }
    for (k = 0; k < arb_mat_nrows(form) && i != j; k++)
    {
        arb_swap(arb_mat_entry(form, k, i), arb_mat_entry(form, k, j));
    }
}

/* The Schur complement of the pivot (k, k) in the rows and columns after it. */
static void eliminate(arb_mat_t form, slong k, slong prec)
{
    slong n = arb_mat_nrows(form), i, j;
    arb_t factor;
    arb_init(factor);
    for (i = k + 1; i < n; i++)
    {
        arb_div(factor, arb_mat_entry(form, i, k), arb_mat_entry(form, k, k), prec);
        for (j = k + 1; j <= i; j++)
        {
            arb_submul(arb_mat_entry(form, i, j), factor, arb_mat_entry(form, j, k), prec);
        }
    }
    for (i = k + 1; i < n; i++)
    {
        for (j = k + 1; j < i; j++)
        {
            arb_set(arb_mat_entry(form, j, i), arb_mat_entry(form, i, j));
        }
    }
    arb_clear(factor);
}

/* The number of negative eigenvalues of what is left from row k on, by Sylvester's law; 0 where not determined. */
static slong count_negative(arb_mat_t form, slong k, slong prec)
{
    slong n = arb_mat_nrows(form), negative = 0;
    for (; k < n; k++)
    {
        swap_symmetric(form, k, best_pivot(form, k, 1));
        if (arb_contains_zero(arb_mat_entry(form, k, k)))
        {
            return 0;
        }
        negative += arb_is_negative(arb_mat_entry(form, k, k));
        eliminate(form, k, prec);
    }
    return negative;
}

truth_t caustic_form_is_positive(slong * negative, const arb_mat_t form, slong prec)
{
    slong n = arb_mat_nrows(form), i, j, k;
    truth_t answer = T_TRUE;
    arb_mat_t rest;

    arb_mat_init(rest, n, n);
    for (i = 0; i < n; i++)
    {
        for (j = 0; j < n; j++)
        {
            arb_set(arb_mat_entry(rest, i, j), arb_mat_entry(form, FLINT_MAX(i, j), FLINT_MIN(i, j)));
        }
    }
    for (k = 0; k < n && answer == T_TRUE; k++)
    {
        for (i = k; i < n && answer == T_TRUE; i++)
        {
            answer = arb_is_negative(arb_mat_entry(rest, i, i)) ? T_FALSE : T_TRUE;
        }
        if (answer == T_TRUE)
        {
            swap_symmetric(rest, k, best_pivot(rest, k, 0));
            answer = arb_is_positive(arb_mat_entry(rest, k, k)) ? T_TRUE : T_UNKNOWN;
        }
        if (answer == T_TRUE)
        {
            eliminate(rest, k, prec);
        }
        else if (answer == T_FALSE && negative != NULL)
        {
            *negative = count_negative(rest, k, prec);
        }
    }
    arb_mat_clear(rest);
    return answer;
}
