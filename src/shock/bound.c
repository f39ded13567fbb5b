/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    A lower bound of the smallest eigenvalue on a box: the lowest m_0 eigenvectors of the centre against the others by a
    Schur complement, whose diagonal is a quadratic polynomial with ball coefficients; its minimum in the eigenbasis of the quadratic
    part is sharp to third order in the size of the box [HESSIAN-3].
*/

#include <string.h>
#include "base/ball.h"
#include "pencil.h"

/* |x| as an exact upper bound, added to what is there. */
static void
add_size(arb_t sum, const arb_t x, slong prec)
{
    arb_t y;

    arb_init(y);
    arb_get_mag(arb_radref(y), x);
    arf_set_mag(arb_midref(y), arb_radref(y));
    mag_zero(arb_radref(y));
    arb_add(sum, sum, y, prec);
    arb_clear(y);
}

/* Quadratic polynomials f(d) = v + s.d + d^T Q d, stored as 1 + n + n^2 balls, on |d_k| <= radius_k. */

static void
size_of_linear(arb_t res, arb_srcptr f, arb_srcptr radius, slong n, slong prec)
{
    arb_t x;

    arb_init(x);
    arb_zero(res);
    for (slong k = 0; k < n; k++)
    {
        arb_mul(x, f + 1 + k, radius + k, prec);
        add_size(res, x, prec);
    }
    arb_clear(x);
}

static void
size_of_quadratic(arb_t res, arb_srcptr f, arb_srcptr radius, slong n, slong prec)
{
    arb_t x;

    arb_init(x);
    arb_zero(res);
    for (slong k = 0; k < n; k++)
        for (slong l = 0; l < n; l++)
        {
            arb_mul(x, radius + k, radius + l, prec);
            arb_mul(x, x, f + 1 + n + k * n + l, prec);
            add_size(res, x, prec);
        }
    arb_clear(x);
}

/* Encloses f on the box: v +- (|s| + |Q|). */
static void
range(arb_t res, arb_srcptr f, arb_srcptr radius, slong n, slong prec)
{
    arb_t x;

    arb_init(x);
    arb_set(res, f);
    size_of_linear(x, f, radius, n, prec);
    arb_add_error(res, x);
    size_of_quadratic(x, f, radius, n, prec);
    arb_add_error(res, x);
    arb_clear(x);
}

/* v - |s| radius + sum_k min(0, Q_kk) radius_k^2 - sum_(k != l) |Q_kl| radius_k radius_l */
static void
least_by_terms(arb_t res, arb_srcptr f, arb_srcptr radius, slong n, slong prec)
{
    arb_t x;

    arb_init(x);
    size_of_linear(x, f, radius, n, prec);
    arb_sub(res, f, x, prec);
    for (slong k = 0; k < n; k++)
        for (slong l = 0; l < n; l++)
        {
            arb_srcptr q = f + 1 + n + k * n + l;

            if (k == l && arb_is_nonnegative(q))
                continue;
            arb_mul(x, radius + k, radius + l, prec);
            arb_mul(x, x, q, prec);
            arb_abs(x, x);
            arb_sub(res, res, x, prec);
        }
    arb_clear(x);
}

/* min over |y| <= rho of h y + w y^2 for an exact w, from below. */
static void
least_of_parabola(arb_t res, const arb_t h, const arb_t w, const arb_t rho, slong prec)
{
    arb_t size, vertex;

    arb_init(size);
    arb_init(vertex);
    add_size(size, h, prec);
    arb_mul(vertex, w, rho, prec);
    arb_mul_2exp_si(vertex, vertex, 1);
    if (arb_is_positive(w) && !arb_ge(size, vertex))
    {
        arb_sqr(res, size, prec);
        arb_div(res, res, w, prec);
        arb_mul_2exp_si(res, res, -2);
        arb_neg(res, res);
    }
    else
    {
        /* the vertex is outside, or the parabola opens downward: an end of [-rho, rho] */
        arb_mul(res, w, rho, prec);
        arb_sub(res, size, res, prec);
        arb_mul(res, res, rho, prec);
        arb_neg(res, res);
    }
    arb_clear(size);
    arb_clear(vertex);
}

/* The same in the basis U of the eigenvectors of the middle of Q: with y = U^T d, |y_k| <= rho_k,
   f(d) = v + sum_k (h_k y_k + w_k y_k^2) + (s - U h).d + d^T (Q - U diag(w) U^T) d for any h, w and U. */
static void
least_in_eigenbasis(arb_t res, arb_srcptr f, arb_srcptr radius, slong n, slong prec)
{
    double * room = flint_malloc((size_t) (n + 2 * n * n) * sizeof(double));
    double * w = room, * u = room + n, * a = u + n * n;
    arb_ptr basis = _arb_vec_init(n * n + 2 * n + 3), weight = basis + n * n, h = weight + n;
    arb_ptr x = h + n, y = x + 1, rho = x + 2;
    int finite = 1;

    for (slong i = 0; i < n * n; i++)
        a[i] = arf_get_d(arb_midref(f + 1 + n + i), ARF_RND_NEAR);
    symmetric_eigen(w, u, a, n);
    for (slong k = 0; k < n; k++)
    {
        finite = finite && w[k] - w[k] == 0;
        arb_set_d(weight + k, w[k]);
        for (slong i = 0; i < n; i++)
        {
            finite = finite && u[i * n + k] - u[i * n + k] == 0;
            arb_set_d(basis + i * n + k, u[i * n + k]);
        }
    }
    if (!finite)
        arb_indeterminate(res);
    else
    {
        arb_set(res, f);
        for (slong k = 0; k < n; k++)
        {
            arb_dot(h + k, NULL, 0, f + 1, 1, basis + k, n, n, prec);
            mag_zero(arb_radref(h + k)); /* any h will do: what is left over is added below */
            arb_zero(rho);
            for (slong i = 0; i < n; i++)
            {
                arb_mul(x, basis + i * n + k, radius + i, prec);
                add_size(rho, x, prec);
            }
            least_of_parabola(x, h + k, weight + k, rho, prec);
            arb_add(res, res, x, prec);
        }
        for (slong i = 0; i < n; i++)
        {
            arb_dot(x, f + 1 + i, 1, basis + i * n, 1, h, 1, n, prec);
            arb_mul(x, x, radius + i, prec);
            arb_abs(x, x);
            arb_sub(res, res, x, prec);
            for (slong j = 0; j < n; j++)
            {
                arb_set(x, f + 1 + n + i * n + j);
                for (slong k = 0; k < n; k++)
                {
                    arb_mul(y, basis + i * n + k, basis + j * n + k, prec);
                    arb_submul(x, y, weight + k, prec);
                }
                arb_mul(x, x, radius + i, prec);
                arb_mul(x, x, radius + j, prec);
                arb_abs(x, x);
                arb_sub(res, res, x, prec);
            }
        }
    }
    _arb_vec_clear(basis, n * n + 2 * n + 3);
    flint_free(room);
}

/* A lower bound of f on the box. */
static void
least(arf_t res, arb_srcptr f, arb_srcptr radius, slong n, slong prec)
{
    arb_t x;
    arf_t other;

    arb_init(x);
    arf_init(other);
    least_by_terms(x, f, radius, n, prec);
    arb_get_lbound_arf(res, x, prec);
    if (n > 0 && (arf_is_nan(res) || arf_sgn(res) < 0))
    {
        least_in_eigenbasis(x, f, radius, n, prec);
        arb_get_lbound_arf(other, x, prec);
        if (arf_is_nan(res) || (!arf_is_nan(other) && arf_cmp(other, res) > 0))
            arf_set(res, other);
    }
    if (arf_is_nan(res))
        arf_neg_inf(res);
    arb_clear(x);
    arf_clear(other);
}

/* The Schur complement ***********************************************************************/

/* T = N - mu K: the entry's polynomial on the box. */
static void
shifted_entry(arb_ptr f, const chart_cell_t cell, slong i, slong j, const arb_t mu)
{
    slong n = cell->pencil->variables, m = cell->pencil->size, entry = i * m + j, q = n * n;

    for (slong e = 0; e < 1 + n; e++)
    {
        arb_mul(f + e, mu, cell->at[1] + entry * (1 + n) + e, cell->prec);
        arb_sub(f + e, cell->at[0] + entry * (1 + n) + e, f + e, cell->prec);
    }
    for (slong e = 1 + n; e < 1 + n + q; e++)
    {
        arb_mul(f + e, mu, cell->over[1] + entry * (1 + n + q) + e, cell->prec);
        arb_sub(f + e, cell->over[0] + entry * (1 + n + q) + e, f + e, cell->prec);
    }
}

/* d_k <= T_kk - sum_(l >= first, l != k) |T_kl| over the box; 0: not all positive. */
static int
dominant_rest(arb_ptr d, arb_srcptr ranges, slong first, slong m, slong prec)
{
    arf_t x;
    int positive = 1;

    arf_init(x);
    for (slong k = first; k < m && positive; k++)
    {
        arb_zero(d + k);
        for (slong l = first; l < m; l++)
            if (l != k)
                add_size(d + k, ranges + k * m + l, prec);
        arb_sub(d + k, ranges + k * m + k, d + k, prec);
        positive = arb_is_finite(d + k) && arb_is_positive(d + k);
        arb_get_lbound_arf(x, d + k, prec);
        arb_set_arf(d + k, x);
    }
    arf_clear(x);
    return positive;
}

/* f := f - sum_k (b_k + s_k.d)^2/d_k, and what the quadratic part of the b_k changes at most. */
static void
subtract_squares(arb_ptr f, arb_srcptr entries, slong i, arb_srcptr d, slong first, const chart_cell_t cell)
{
    slong n = cell->pencil->variables, m = cell->pencil->size, stride = 1 + n + n * n, prec = cell->prec;
    arb_t x, linear, quadratic;

    arb_init(x);
    arb_init(linear);
    arb_init(quadratic);
    for (slong k = first; k < m; k++)
    {
        arb_srcptr b = entries + (i * m + k) * stride;

        size_of_linear(linear, b, cell->radius, n, prec);
        add_size(linear, b, prec);
        size_of_quadratic(quadratic, b, cell->radius, n, prec);
        arb_mul_2exp_si(linear, linear, 1);
        arb_add(linear, linear, quadratic, prec);
        arb_mul(linear, linear, quadratic, prec);
        arb_div(linear, linear, d + k, prec);
        arb_sub(f, f, linear, prec);

        arb_sqr(x, b, prec);
        arb_div(x, x, d + k, prec);
        arb_sub(f, f, x, prec);
        for (slong e = 0; e < n; e++)
        {
            arb_mul(x, b, b + 1 + e, prec);
            arb_div(x, x, d + k, prec);
            arb_mul_2exp_si(x, x, 1);
            arb_sub(f + 1 + e, f + 1 + e, x, prec);
            for (slong g = 0; g < n; g++)
            {
                arb_mul(x, b + 1 + e, b + 1 + g, prec);
                arb_div(x, x, d + k, prec);
                arb_sub(f + 1 + n + e * n + g, f + 1 + n + e * n + g, x, prec);
            }
        }
    }
    arb_clear(x);
    arb_clear(linear);
    arb_clear(quadratic);
}

/* phi <= the smallest eigenvalue of the complement of the block `first`, .., m - 1. */
static void
least_of_complement(arf_t phi, arb_srcptr entries, arb_srcptr ranges, arb_srcptr d, slong first, const chart_cell_t cell)
{
    slong n = cell->pencil->variables, m = cell->pencil->size, stride = 1 + n + n * n, prec = cell->prec;
    arb_ptr f = _arb_vec_init(stride + 2), off = f + stride, x = off + 1;
    arf_t row;

    arf_init(row);
    arf_pos_inf(phi);
    for (slong i = 0; i < first; i++)
    {
        _arb_vec_set(f, entries + (i * m + i) * stride, stride);
        subtract_squares(f, entries, i, d, first, cell);
        least(row, f, cell->radius, n, prec);
        arb_zero(off);
        for (slong j = 0; j < first; j++)
        {
            if (j == i)
                continue;
            add_size(off, ranges + i * m + j, prec);
            for (slong k = first; k < m; k++)
            {
                arb_mul(x, ranges + i * m + k, ranges + j * m + k, prec);
                arb_div(x, x, d + k, prec);
                add_size(off, x, prec);
            }
        }
        arb_neg(off, off);
        arb_add_arf(off, off, row, prec);
        ball_floor(row, off, prec);
        if (arf_cmp(row, phi) < 0)
            arf_set(phi, row);
    }
    _arb_vec_clear(f, stride + 2);
    arf_clear(row);
}

/* theta <= the smallest eigenvalue of K on the box, by Gershgorin. */
static void
least_of_unit(arb_t theta, const chart_cell_t cell)
{
    slong n = cell->pencil->variables, m = cell->pencil->size, stride = 1 + n + n * n, prec = cell->prec;
    arb_t row;
    arf_t x;

    arb_init(row);
    arf_init(x);
    arb_pos_inf(theta);
    for (slong i = 0; i < m; i++)
    {
        arb_zero(row);
        for (slong j = 0; j < m; j++)
            if (j != i)
                add_size(row, cell->over[1] + (i * m + j) * stride, prec);
        arb_sub(row, cell->over[1] + (i * m + i) * stride, row, prec);
        ball_floor(x, row, prec);
        if (arf_cmp(x, arb_midref(theta)) < 0)
            arb_set_arf(theta, x);
    }
    arb_clear(row);
    arf_clear(x);
}

int
chart_cell_lower(arf_t lower, chart_cell_t cell, const arf_t mu)
{
    slong n = cell->pencil->variables, m = cell->pencil->size, stride = 1 + n + n * n, prec = cell->prec;
    arb_ptr entries, ranges, d;
    arb_t shift, theta, x;
    arf_t phi;
    int tried = 0, above = 0;

    if (!cell->defined)
    {
        arf_neg_inf(lower);
        return 0;
    }
    entries = _arb_vec_init(m * m * stride + m * m + m);
    ranges = entries + m * m * stride;
    d = ranges + m * m;
    arb_init(shift);
    arb_init(theta);
    arb_init(x);
    arf_init(phi);
    arb_set_arf(shift, mu);
    arf_neg_inf(lower);
    for (slong i = 0; i < m; i++)
        for (slong j = 0; j < m; j++)
        {
            shifted_entry(entries + (i * m + j) * stride, cell, i, j, shift);
            range(ranges + i * m + j, entries + (i * m + j) * stride, cell->radius, n, prec);
        }
    least_of_unit(theta, cell);
    for (slong first = 1; first <= m && arb_is_positive(theta) && tried < 2; first++)
    {
        if (!dominant_rest(d, ranges, first, m, prec))
            continue;
        tried++;
        least_of_complement(phi, entries, ranges, d, first, cell);
        if (arf_sgn(phi) >= 0)
        {
            arf_set(lower, arb_midref(shift));
            above = arf_sgn(phi) > 0;
            break;
        }
        arb_set_arf(x, phi);
        arb_div(x, x, theta, prec);
        arb_add(x, x, shift, prec);
        arb_get_lbound_arf(phi, x, prec);
        if (!arf_is_nan(phi) && arf_cmp(phi, lower) > 0)
            arf_set(lower, phi);
    }
    _arb_vec_clear(entries, m * m * stride + m * m + m);
    arb_clear(shift);
    arb_clear(theta);
    arb_clear(x);
    arf_clear(phi);
    return above;
}

void
chart_cell_upper(arf_t upper, const chart_cell_t cell)
{
    arb_t x;

    arf_pos_inf(upper);
    if (!cell->defined)
        return;
    arb_init(x);
    arb_div(x, cell->at[0], cell->at[1], cell->prec);
    arb_get_ubound_arf(upper, x, cell->prec);
    if (arf_is_nan(upper) || !arb_is_positive(cell->at[1]))
        arf_pos_inf(upper);
    arb_clear(x);
}
