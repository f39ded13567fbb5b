/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    A pencil around a box: jets of its entries, turned into a frame of approximate eigenvectors. The frame is a matrix of
    exact binary numbers; whether it is a good one costs tightness, never truth.
*/

#include <math.h>
#include <string.h>
#include "pencil.h"

int
pencil_init(pencil_t pencil, const caustic_pool * pool, const caustic_expr * variable, slong variables, slong size,
    const caustic_expr * entries, int unit, int curved)
{
    slong half = size * (size + 1) / 2;

    pencil->variables = variables;
    pencil->size = size;
    pencil->unit = unit;
    pencil->curved = curved;
    pencil->time = NULL;
    pencil->tape = caustic_tape_new(pool, entries, unit ? half : curved ? 3 * half : 2 * half, variable, variables);
    pencil->first = caustic_jet_shape_new(FLINT_MAX(variables, 1), 1);
    pencil->second = caustic_jet_shape_new(FLINT_MAX(variables, 1), 2);
    return pencil->tape != NULL;
}

void
pencil_clear(pencil_t pencil)
{
    caustic_tape_free(pencil->tape);
    caustic_jet_shape_free(pencil->first);
    caustic_jet_shape_free(pencil->second);
}

/* Guides *************************************************************************************/

/* Jacobi's method: rotations until the off-diagonal part is lost in rounding. */
void
symmetric_eigen(double * w, double * u, double * a, slong n)
{
    for (slong i = 0; i < n; i++)
        for (slong j = 0; j < n; j++)
            u[i * n + j] = i == j;
    for (int sweep = 0; sweep < 12; sweep++)
    {
        double off = 0, all = 0;

        for (slong i = 0; i < n; i++)
            for (slong j = 0; j < n; j++)
            {
                all += a[i * n + j] * a[i * n + j];
                off += i == j ? 0 : a[i * n + j] * a[i * n + j];
            }
        if (!(off > 1e-30 * all))
            break;
        for (slong p = 0; p < n; p++)
            for (slong q = p + 1; q < n; q++)
            {
                double apq = a[p * n + q], tau, t, c, s;

                if (apq == 0)
                    continue;
                tau = (a[q * n + q] - a[p * n + p]) / (2 * apq);
                t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau));
                c = 1 / sqrt(1 + t * t);
                s = t * c;
                for (slong k = 0; k < n; k++)
                {
                    double x = a[k * n + p], y = a[k * n + q];
                    a[k * n + p] = c * x - s * y;
                    a[k * n + q] = s * x + c * y;
                }
                for (slong k = 0; k < n; k++)
                {
                    double x = a[p * n + k], y = a[q * n + k];
                    a[p * n + k] = c * x - s * y;
                    a[q * n + k] = s * x + c * y;
                    x = u[k * n + p];
                    y = u[k * n + q];
                    u[k * n + p] = c * x - s * y;
                    u[k * n + q] = s * x + c * y;
                }
            }
    }
    for (slong i = 0; i < n; i++)
        w[i] = a[i * n + i];
    for (slong i = 0; i < n; i++)
        for (slong j = i + 1; j < n; j++)
            if (w[j] < w[i])
            {
                double x = w[i];
                w[i] = w[j];
                w[j] = x;
                for (slong k = 0; k < n; k++)
                {
                    x = u[k * n + i];
                    u[k * n + i] = u[k * n + j];
                    u[k * n + j] = x;
                }
            }
}

/* Columns V with V^T G V about 1 and V^T P V about diag(w). */
static void
approximate_frame(double * v, double * w, const double * p, const double * g, slong m)
{
    double * room = flint_malloc((size_t) (3 * m * m) * sizeof(double));
    double * l = room, * a = room + m * m, * u = room + 2 * m * m;
    int good = 1;

    /* G = L L^T */
    for (slong i = 0; i < m && good; i++)
        for (slong j = 0; j <= i && good; j++)
        {
            double x = g[i * m + j];

            for (slong k = 0; k < j; k++)
                x -= l[i * m + k] * l[j * m + k];
            good = i != j || x > 0;
            l[i * m + j] = i == j ? sqrt(x) : x / l[j * m + j];
        }
    /* A = L^-1 P L^-T */
    for (slong c = 0; c < m && good; c++)
        for (slong i = 0; i < m; i++)
        {
            double x = p[i * m + c];

            for (slong k = 0; k < i; k++)
                x -= l[i * m + k] * a[k * m + c];
            a[i * m + c] = x / l[i * m + i];
        }
    for (slong r = 0; r < m && good; r++)
        for (slong i = 0; i < m; i++)
        {
            double x = a[r * m + i];

            for (slong k = 0; k < i; k++)
                x -= l[i * m + k] * a[r * m + k];
            a[r * m + i] = x / l[i * m + i];
            good = good && isfinite(a[r * m + i]);
        }
    if (good)
    {
        symmetric_eigen(w, u, a, m);
        for (slong c = 0; c < m; c++)
            for (slong i = m - 1; i >= 0; i--)
            {
                double x = u[i * m + c];

                for (slong k = i + 1; k < m; k++)
                    x -= l[k * m + i] * v[k * m + c];
                v[i * m + c] = x / l[i * m + i];
                good = good && isfinite(v[i * m + c]);
            }
    }
    for (slong i = 0; i < m * m && !good; i++)
        v[i] = i / m == i % m;
    flint_free(room);
}

/* Cells **************************************************************************************/

static slong
long_stride(slong n)
{
    return 1 + n + n * n;
}

void
chart_cell_init(chart_cell_t cell, const pencil_t pencil)
{
    slong n = pencil->variables, m = pencil->size, mm = m * m;

    memset(cell, 0, sizeof(chart_cell_struct));
    cell->pencil = pencil;
    cell->centre = _arb_vec_init(3 * n + 1);
    cell->box = cell->centre + n;
    cell->radius = cell->box + n;
    cell->frame = flint_calloc((size_t) (mm + m), sizeof(double));
    cell->eigenvalue = cell->frame + mm;
    for (int i = 0; i < 2; i++)
    {
        cell->at[i] = _arb_vec_init(mm * (1 + n));
        cell->over[i] = _arb_vec_init(mm * long_stride(n));
    }
    cell->work = _arb_vec_init(3 * mm);
}

void
chart_cell_clear(chart_cell_t cell)
{
    slong n = cell->pencil->variables, m = cell->pencil->size, mm = m * m;

    _arb_vec_clear(cell->centre, 3 * n + 1);
    flint_free(cell->frame);
    for (int i = 0; i < 2; i++)
    {
        _arb_vec_clear(cell->at[i], mm * (1 + n));
        _arb_vec_clear(cell->over[i], mm * long_stride(n));
    }
    _arb_vec_clear(cell->work, 3 * mm);
}

/* Jets of all entries at the point or over the box, written to `p` and `g` as m x m matrices of `stride` balls each. */
static int
evaluate(arb_ptr p, arb_ptr g, const pencil_struct * pencil, arb_srcptr where, int order, slong stride, slong prec)
{
    const caustic_jet_shape * shape = order == 1 ? pencil->first : pencil->second;
    slong n = pencil->variables, m = pencil->size, half = m * (m + 1) / 2;
    slong roots = pencil->unit ? half : pencil->curved ? 3 * half : 2 * half;
    slong length = caustic_jet_length(shape), e, finite = 1;
    arb_ptr room = _arb_vec_init((n + roots) * length);
    arb_ptr * out = flint_malloc((size_t) (n + roots) * sizeof(arb_ptr));
    arb_srcptr * in = flint_malloc((size_t) (n + 1) * sizeof(arb_srcptr));

    for (slong i = 0; i < n + roots; i++)
        out[i] = room + i * length;
    for (slong k = 0; k < n; k++)
    {
        caustic_jet_variable(out[roots + k], where + k, k, shape);
        in[k] = out[roots + k];
    }
    caustic_tape_evaluate_jet(out, pencil->tape, in, shape, prec);
    finite = _arb_vec_is_finite(room, roots * length);
    if (finite && pencil->curved && pencil->time != NULL)
        finite = cotangent_add(out, out + half, out + 2 * half, m, pencil->time, shape, prec)
            && _arb_vec_is_finite(room, roots * length);

    for (slong i = 0; i < m; i++)
        for (slong j = 0; j < m; j++)
        {
            slong a = FLINT_MIN(i, j), b = FLINT_MAX(i, j), index = a * m - a * (a - 1) / 2 + b - a;

            for (int which = 0; which < 2; which++)
            {
                arb_ptr res = (which ? g : p) + (i * m + j) * stride;

                _arb_vec_zero(res, stride);
                if (which && pencil->unit)
                {
                    arb_set_si(res, i == j);
                    continue;
                }
                for (e = 0; e < length; e++)
                {
                    arb_srcptr value = out[which * half + index] + e;
                    const slong * exponents = caustic_jet_exponents(shape, e);
                    slong degree = 0, k = -1, l = -1;

                    for (slong v = 0; v < n; v++)
                    {
                        degree += exponents[v];
                        if (exponents[v] > 0 && k < 0)
                            k = v;
                        if (exponents[v] > 0)
                            l = v;
                    }
                    if (degree == 0)
                        arb_set(res, value);
                    else if (degree == 1)
                        arb_set(res + 1 + k, value);
                    else if (k == l)
                        arb_set(res + 1 + n + k * n + k, value);
                    else
                    {
                        arb_mul_2exp_si(res + 1 + n + k * n + l, value, -1);
                        arb_set(res + 1 + n + l * n + k, res + 1 + n + k * n + l);
                    }
                }
            }
        }
    _arb_vec_clear(room, (n + roots) * length);
    flint_free(out);
    flint_free(in);
    return finite;
}

/* A := V^T A V for each of the `stride` coefficients of a symmetric m x m matrix. */
static void
congruence(arb_ptr a, chart_cell_t cell, slong stride)
{
    slong m = cell->pencil->size;
    arb_ptr v = cell->work, half = v + m * m, res = half + m * m;

    for (slong i = 0; i < m * m; i++)
        arb_set_d(v + i, cell->frame[i]);
    for (slong e = 0; e < stride; e++)
    {
        for (slong i = 0; i < m; i++)
            for (slong j = 0; j < m; j++)
                arb_dot(half + i * m + j, NULL, 0, a + i * m * stride + e, stride, v + j, m, m, cell->prec);
        for (slong i = 0; i < m; i++)
            for (slong j = i; j < m; j++)
                arb_dot(res + i * m + j, NULL, 0, v + i, m, half + j, m, m, cell->prec);
        for (slong i = 0; i < m; i++)
            for (slong j = 0; j < m; j++)
                arb_set(a + (i * m + j) * stride + e, res + FLINT_MIN(i, j) * m + FLINT_MAX(i, j));
    }
}

static void
find_frame(chart_cell_t cell)
{
    slong m = cell->pencil->size, n = cell->pencil->variables;
    double * room = flint_malloc((size_t) (2 * m * m) * sizeof(double));

    for (int which = 0; which < 2; which++)
        for (slong i = 0; i < m * m; i++)
            room[which * m * m + i] = arf_get_d(arb_midref(cell->at[which] + i * (1 + n)), ARF_RND_NEAR);
    approximate_frame(cell->frame, cell->eigenvalue, room, room + m * m, m);
    flint_free(room);
}

static void
evaluate_cell(chart_cell_t cell, int is_point)
{
    const pencil_struct * pencil = cell->pencil;
    slong n = pencil->variables, m = pencil->size, stride = long_stride(n);

    cell->defined = 1;
    if (is_point)
    {
        cell->defined = evaluate(cell->over[0], cell->over[1], pencil, cell->box, 2, stride, cell->prec);
        for (int which = 0; which < 2; which++)
            for (slong i = 0; i < m * m; i++)
                _arb_vec_set(cell->at[which] + i * (1 + n), cell->over[which] + i * stride, 1 + n);
    }
    else
        cell->defined = evaluate(cell->at[0], cell->at[1], pencil, cell->centre, 1, 1 + n, cell->prec)
            && evaluate(cell->over[0], cell->over[1], pencil, cell->box, 2, stride, cell->prec);
    if (!cell->defined)
        return;
    find_frame(cell);
    for (int which = 0; which < 2; which++)
    {
        congruence(cell->at[which], cell, 1 + n);
        congruence(cell->over[which], cell, stride);
    }
}

void
chart_cell_set_point(chart_cell_t cell, arb_srcptr point, slong prec)
{
    slong n = cell->pencil->variables;

    cell->prec = prec;
    _arb_vec_set(cell->box, point, n);
    _arb_vec_set(cell->centre, point, n);
    _arb_vec_zero(cell->radius, n);
    evaluate_cell(cell, 1);
}

void
chart_cell_set(chart_cell_t cell, arb_srcptr lower, arb_srcptr upper, slong prec)
{
    slong n = cell->pencil->variables;
    int is_point = 1;

    cell->prec = prec;
    for (slong k = 0; k < n; k++)
    {
        if (arb_equal(lower + k, upper + k))
        {
            arb_set(cell->box + k, lower + k);
            arb_set(cell->centre + k, lower + k);
            arb_zero(cell->radius + k);
            continue;
        }
        is_point = 0;
        arb_set_interval_arf(cell->box + k, arb_midref(lower + k), arb_midref(upper + k), 2 * prec + 64);
        arb_set_arf(cell->centre + k, arb_midref(cell->box + k));
        arf_set_mag(arb_midref(cell->radius + k), arb_radref(cell->box + k));
        mag_zero(arb_radref(cell->radius + k));
    }
    evaluate_cell(cell, is_point);
}
