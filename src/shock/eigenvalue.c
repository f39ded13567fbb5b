/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The smallest eigenvalue on a box where it is simple: its value, gradient and second derivatives [HESSIAN-4].
    With the eigenvector u = (1, y) in the frame of the cell, N = [[a, b^T], [b, D]] and K = [[k, l^T], [l, E]]:

        (D - lambda E) y = -(b - lambda l),     lambda = (a + b.y)/(k + l.y).
*/

#include "pencil.h"

void
eigenvalue_init(eigenvalue_t eigenvalue, slong variables)
{
    arb_init(eigenvalue->value);
    eigenvalue->gradient = _arb_vec_init(variables + variables * variables);
    eigenvalue->hessian = eigenvalue->gradient + variables;
}

void
eigenvalue_clear(eigenvalue_t eigenvalue, slong variables)
{
    arb_clear(eigenvalue->value);
    _arb_vec_clear(eigenvalue->gradient, variables + variables * variables);
}

static arb_srcptr
entry(const chart_cell_t cell, int which, slong i, slong j)
{
    slong n = cell->pencil->variables;

    return cell->over[which] + (i * cell->pencil->size + j) * (1 + n + n * n);
}

/* d_k N or d_k K; second derivatives are twice the Taylor coefficients. */
static arb_srcptr
slope(const chart_cell_t cell, int which, slong i, slong j, slong k)
{
    return entry(cell, which, i, j) + 1 + k;
}

static void
second(arb_t res, const chart_cell_t cell, int which, slong i, slong j, slong k, slong l)
{
    slong n = cell->pencil->variables;

    arb_mul_2exp_si(res, entry(cell, which, i, j) + 1 + n + k * n + l, 1);
}

/* upper >= lambda on the whole box: the Rayleigh quotient of the first vector of the frame. */
static int
upper_bound(arb_t upper, const chart_cell_t cell)
{
    arf_t x;
    int good = arb_is_positive(entry(cell, 1, 0, 0));

    arf_init(x);
    arb_div(upper, entry(cell, 0, 0, 0), entry(cell, 1, 0, 0), cell->prec);
    arb_get_ubound_arf(x, upper, cell->prec);
    good = good && arf_is_finite(x);
    arb_set_arf(upper, x);
    arf_clear(x);
    return good;
}

/* D - upper E > 0 on the box, by Gershgorin: then at most one eigenvalue is <= upper. */
int
eigenvalue_is_alone(const chart_cell_t cell, const arb_t upper)
{
    slong m = cell->pencil->size, prec = cell->prec;
    arb_t row, x;
    int above = 1;

    arb_init(row);
    arb_init(x);
    for (slong i = 1; i < m && above; i++)
    {
        arb_zero(row);
        for (slong j = 1; j < m; j++)
        {
            arb_mul(x, upper, entry(cell, 1, i, j), prec);
            arb_sub(x, entry(cell, 0, i, j), x, prec);
            if (j != i)
            {
                arb_abs(x, x);
                arb_neg(x, x);
            }
            arb_add(row, row, x, prec);
        }
        above = arb_is_finite(row) && arb_is_positive(row);
    }
    arb_clear(row);
    arb_clear(x);
    return above;
}

/* u from lambda, and lambda again from u, until nothing is gained. inverse: of D - lambda E. */
static int
enclose_pair(arb_t lambda, arb_ptr u, arb_mat_t inverse, const chart_cell_t cell)
{
    slong m = cell->pencil->size, prec = cell->prec;
    arb_mat_t block;
    arb_ptr rhs = _arb_vec_init(m + 3);
    arb_ptr x = rhs + m, numerator = x + 1, denominator = x + 2;
    mag_t before;
    int good = 1, better = 1;

    arb_mat_init(block, m - 1, m - 1);
    mag_init(before);
    arb_one(u);
    for (int step = 0; good && better && step < 60; step++)
    {
        mag_set(before, arb_radref(lambda));
        for (slong i = 1; i < m; i++)
        {
            for (slong j = 1; j < m; j++)
            {
                arb_mul(x, lambda, entry(cell, 1, i, j), prec);
                arb_sub(arb_mat_entry(block, i - 1, j - 1), entry(cell, 0, i, j), x, prec);
            }
            arb_mul(x, lambda, entry(cell, 1, i, 0), prec);
            arb_sub(rhs + i, x, entry(cell, 0, i, 0), prec);
        }
        good = m == 1 || arb_mat_inv(inverse, block, prec);
        arb_set(numerator, entry(cell, 0, 0, 0));
        arb_set(denominator, entry(cell, 1, 0, 0));
        for (slong i = 1; i < m && good; i++)
        {
            arb_zero(u + i);
            for (slong j = 1; j < m; j++)
                arb_addmul(u + i, arb_mat_entry(inverse, i - 1, j - 1), rhs + j, prec);
            arb_addmul(numerator, entry(cell, 0, 0, i), u + i, prec);
            arb_addmul(denominator, entry(cell, 1, 0, i), u + i, prec);
        }
        good = good && arb_is_positive(denominator);
        if (good)
        {
            arb_div(x, numerator, denominator, prec);
            better = arb_is_finite(x) && arb_intersection(lambda, lambda, x, prec);
            mag_mul_2exp_si(before, before, -2);
            better = better && mag_cmp(arb_radref(lambda), before) < 0;
        }
    }
    arb_mat_clear(block);
    _arb_vec_clear(rhs, m + 3);
    mag_clear(before);
    return good;
}

/* ((d_k N) - lambda (d_k K) - lambda_k K) u, with lambda_k left out where it is NULL. */
static void
turned(arb_ptr res, const chart_cell_t cell, slong k, const arb_t lambda, const arb_struct * lambda_k, arb_srcptr u)
{
    slong m = cell->pencil->size, prec = cell->prec;
    arb_t x;

    arb_init(x);
    for (slong i = 0; i < m; i++)
    {
        arb_zero(res + i);
        for (slong j = 0; j < m; j++)
        {
            arb_mul(x, lambda, slope(cell, 1, i, j, k), prec);
            arb_sub(x, slope(cell, 0, i, j, k), x, prec);
            if (lambda_k != NULL)
                arb_submul(x, lambda_k, entry(cell, 1, i, j), prec);
            arb_addmul(res + i, x, u + j, prec);
        }
    }
    arb_clear(x);
}

/* u^T (d_kl N - lambda d_kl K - lambda_k d_l K - lambda_l d_k K) u */
static void
second_form(arb_t res, const chart_cell_t cell, slong k, slong l, const arb_t lambda, arb_srcptr gradient, arb_srcptr u)
{
    slong m = cell->pencil->size, prec = cell->prec;
    arb_t x, y;

    arb_init(x);
    arb_init(y);
    arb_zero(res);
    for (slong i = 0; i < m; i++)
        for (slong j = 0; j < m; j++)
        {
            second(x, cell, 0, i, j, k, l);
            if (!cell->pencil->unit)
            {
                second(y, cell, 1, i, j, k, l);
                arb_submul(x, lambda, y, prec);
                arb_submul(x, gradient + k, slope(cell, 1, i, j, l), prec);
                arb_submul(x, gradient + l, slope(cell, 1, i, j, k), prec);
            }
            arb_mul(y, u + i, u + j, prec);
            arb_addmul(res, x, y, prec);
        }
    arb_clear(x);
    arb_clear(y);
}

static void
derivatives(eigenvalue_t eigenvalue, const chart_cell_t cell, arb_srcptr u, const arb_mat_t inverse)
{
    slong n = cell->pencil->variables, m = cell->pencil->size, prec = cell->prec;
    arb_ptr turn = _arb_vec_init(2 * n * m + 2), y = turn + n * m, norm = y + n * m, x = norm + 1;

    for (slong i = 0; i < m; i++)
        for (slong j = 0; j < m; j++)
        {
            arb_mul(x, u + i, u + j, prec);
            arb_addmul(norm, x, entry(cell, 1, i, j), prec);
        }
    for (slong k = 0; k < n; k++)
    {
        turned(turn + k * m, cell, k, eigenvalue->value, NULL, u);
        arb_dot(x, NULL, 0, turn + k * m, 1, u, 1, m, prec);
        arb_div(eigenvalue->gradient + k, x, norm, prec);
    }
    for (slong k = 0; k < n; k++)
    {
        turned(turn + k * m, cell, k, eigenvalue->value, eigenvalue->gradient + k, u);
        for (slong i = 1; i < m; i++)
            for (slong j = 1; j < m; j++)
                arb_submul(y + k * m + i, arb_mat_entry(inverse, i - 1, j - 1), turn + k * m + j, prec);
    }
    for (slong k = 0; k < n; k++)
        for (slong l = k; l < n; l++)
        {
            second_form(x, cell, k, l, eigenvalue->value, eigenvalue->gradient, u);
            arb_dot(x, x, 0, turn + k * m, 1, y + l * m, 1, m, prec);
            arb_dot(x, x, 0, turn + l * m, 1, y + k * m, 1, m, prec);
            arb_div(eigenvalue->hessian + k * n + l, x, norm, prec);
            arb_set(eigenvalue->hessian + l * n + k, eigenvalue->hessian + k * n + l);
        }
    _arb_vec_clear(turn, 2 * n * m + 2);
}

int
eigenvalue_over(eigenvalue_t eigenvalue, chart_cell_t cell, const arf_t lower)
{
    slong n = cell->pencil->variables, m = cell->pencil->size;
    arb_mat_t inverse;
    arb_ptr u;
    arb_t upper;
    int good;

    if (!cell->defined || !arf_is_finite(lower))
        return 0;
    arb_mat_init(inverse, m - 1, m - 1);
    u = _arb_vec_init(m);
    arb_init(upper);
    good = upper_bound(upper, cell) && eigenvalue_is_alone(cell, upper);
    if (good)
    {
        arb_set_arf(eigenvalue->value, lower);
        arb_union(eigenvalue->value, eigenvalue->value, upper, cell->prec);
        good = enclose_pair(eigenvalue->value, u, inverse, cell);
    }
    if (good)
    {
        derivatives(eigenvalue, cell, u, inverse);
        good = arb_is_finite(eigenvalue->value) && _arb_vec_is_finite(eigenvalue->gradient, n + n * n);
    }
    arb_mat_clear(inverse);
    _arb_vec_clear(u, m);
    arb_clear(upper);
    return good;
}
