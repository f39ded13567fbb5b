/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Geometry against facts known otherwise: spaces whose curvature is in every book, the definitions
    spelled out entry by entry in the exact field, identities of Bianchi, changes of chart.
    CAUSTIC_TEST_SEED chooses the random cometrics.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <flint/fmpq_vec.h>
#include "quotient.h"

static flint_rand_t random_state;

/* Spaces as text ******************************************************************************/

#define TEXT 2000

typedef struct
{
    slong d;
    const char * name[QUOTIENT_DIMENSION];
    char g[QUOTIENT_DIMENSION][QUOTIENT_DIMENSION][TEXT];
    char b[QUOTIENT_DIMENSION][TEXT];
}
space_struct;

static const char * const line_names[QUOTIENT_DIMENSION] = {"x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9"};

static void
space_init(space_struct * s, slong d)
{
    s->d = d;
    for (slong i = 0; i < d; i++)
    {
        s->name[i] = line_names[i];
        strcpy(s->b[i], "0");
        for (slong j = 0; j < d; j++)
            strcpy(s->g[i][j], "0");
    }
}

/* x_first^2 + ... , length terms */
static void
norm_squared(char * text, slong first, slong length)
{
    text[0] = '\0';
    for (slong i = first; i < first + length; i++)
        sprintf(text + strlen(text), "%s%s^2", i == first ? "" : " + ", line_names[i]);
}

static void
conformal(space_struct * s, const char * factor)
{
    for (slong i = 0; i < s->d; i++)
        strcpy(s->g[i][i], factor);
}

static void
stereographic(space_struct * s, slong d, int sign)
{
    char norm[TEXT / 2], factor[TEXT];

    space_init(s, d);
    norm_squared(norm, 0, d);
    snprintf(factor, TEXT, "(1 %c (%s))^2/4", sign > 0 ? '+' : '-', norm);
    conformal(s, factor);
}

static void
gnomonic(space_struct * s, slong d)
{
    char norm[TEXT / 2];

    space_init(s, d);
    norm_squared(norm, 0, d);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            snprintf(s->g[i][j], TEXT, "(1 + %s)*(%d + %s*%s)", norm, i == j, line_names[i], line_names[j]);
    for (slong i = 0; i < d; i++)
        snprintf(s->b[i], TEXT, "2*%s*(1 + %s)", line_names[i], norm); /* right for d = 2 */
}

/* SPEC 1.3: |z|^2 delta + z z^T, drift (3 - n) z: a line times a sphere */
static void
neuron(space_struct * s, slong n)
{
    char norm[TEXT / 2];

    space_init(s, n);
    norm_squared(norm, 0, n);
    for (slong i = 0; i < n; i++)
    {
        snprintf(s->b[i], TEXT, "(%ld)*%s", (long) (3 - n), line_names[i]);
        for (slong j = 0; j < n; j++)
            snprintf(s->g[i][j], TEXT, "%s%s%s*%s", i == j ? norm : "", i == j ? " + " : "", line_names[i], line_names[j]);
    }
}

/* |P M^T|^2 + |P^T M|^2 on n x p matrices of rank k = 1 or n = p = k, drift 2(k+1-d) M for n = p = d */
static void
head(space_struct * s, slong n, slong p, slong k)
{
    static char label[QUOTIENT_DIMENSION][48];
    static char entry[6][6][64];
    slong place[QUOTIENT_DIMENSION][2];

    s->d = 0;
    for (slong i = 0; i < n; i++)
        for (slong j = 0; j < p; j++)
        {
            if (i < k || j < k)
            {
                place[s->d][0] = i;
                place[s->d][1] = j;
                snprintf(label[s->d], 48, "m%ld%ld", (long) i + 1, (long) j + 1);
                s->name[s->d] = label[s->d];
                snprintf(s->b[s->d], TEXT, "2*(%ld)*m%ld%ld", (long) (k + 1 - n), (long) i + 1, (long) j + 1);
                s->d++;
                snprintf(entry[i][j], 64, "m%ld%ld", (long) i + 1, (long) j + 1);
            }
            else
                snprintf(entry[i][j], 64, "(m%ld1*m1%ld/m11)", (long) i + 1, (long) j + 1);
        }

    for (slong a = 0; a < s->d; a++)
        for (slong b = 0; b < s->d; b++)
        {
            char * text = s->g[a][b];

            strcpy(text, "0");
            for (slong l = 0; l < n && place[a][0] == place[b][0]; l++)
                sprintf(text + strlen(text), " + %s*%s", entry[l][place[a][1]], entry[l][place[b][1]]);
            for (slong l = 0; l < p && place[a][1] == place[b][1]; l++)
                sprintf(text + strlen(text), " + %s*%s", entry[place[a][0]][l], entry[place[b][0]][l]);
        }
}

static void
open_space(quotient_struct * q, const space_struct * s, int positive_last)
{
    const char * g[QUOTIENT_DIMENSION * QUOTIENT_DIMENSION];
    const char * b[QUOTIENT_DIMENSION];

    for (slong i = 0; i < s->d; i++)
    {
        b[i] = s->b[i];
        for (slong j = 0; j < s->d; j++)
            g[i * s->d + j] = s->g[i][j];
    }

    quotient_init(q, s->d, s->name, positive_last, g, b);
}

static void
assert_covariant(quotient_struct * q, const caustic_geometry_t geometry)
{
    caustic_text_t detail;

    caustic_text_init(detail);
    if (caustic_equations_check_covariant(detail, q->cometric, q->drift, geometry) != CAUSTIC_PROVED)
        fail_msg("%s", detail->data);
    caustic_text_clear(detail);
}

/* kappa NULL: not of constant curvature */
static void
check_space(const space_struct * s, int positive_last, const char * scalar, truth_t flat, const char * kappa)
{
    quotient_struct q;
    caustic_geometry_t geometry;

    open_space(&q, s, positive_last);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    if (geometry->status != GR_SUCCESS)
        fail_msg("no geometry: %s", geometry->reason);
    assert_null(geometry->reason);
    assert_element(&q, gr_mat_entry_srcptr(geometry->scalar, 0, 0, q.ctx), scalar);
    assert_true(geometry->flat == flat);
    assert_true(geometry->constant_curvature == (kappa != NULL ? T_TRUE : T_FALSE));
    assert_element(&q, gr_mat_entry_srcptr(geometry->curvature, 0, 0, q.ctx), kappa != NULL ? kappa : "0");
    assert_covariant(&q, geometry);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

static const char *
integer(slong n)
{
    static char text[4][32];
    static int next = 0;

    next = (next + 1) % 4;
    snprintf(text[next], 32, "%ld", (long) n);
    return text[next];
}

static void
test_constant_curvature(void ** state)
{
    space_struct s;
    (void) state;

    for (slong d = 2; d <= 5; d++)
    {
        stereographic(&s, d, 1);
        check_space(&s, 0, integer(d * (d - 1)), T_FALSE, "1");
        gnomonic(&s, d);
        check_space(&s, 0, integer(d * (d - 1)), T_FALSE, "1");
        stereographic(&s, d, -1); /* hyperbolic space in a ball */
        check_space(&s, 0, integer(-d * (d - 1)), T_FALSE, "-1");

        /* a sphere of radius 3, and half-spaces */
        stereographic(&s, d, 1);
        for (slong i = 0; i < d; i++)
            strcat(s.g[i][i], "/9");
        check_space(&s, 0, d == 2 ? "2/9" : d == 3 ? "6/9" : d == 4 ? "12/9" : "20/9", T_FALSE, "1/9");
        space_init(&s, d);
        conformal(&s, d == 2 ? "x2^2" : d == 3 ? "x3^2" : d == 4 ? "x4^2" : "x5^2");
        check_space(&s, 1, integer(-d * (d - 1)), T_FALSE, "-1");

        space_init(&s, d);
        conformal(&s, "7");
        check_space(&s, 0, "0", T_TRUE, "0");
    }

    space_init(&s, 1);
    strcpy(s.g[0][0], "1 + x1^2");
    check_space(&s, 0, "0", T_TRUE, "0");
}

static truth_t
parallel(const space_struct * s)
{
    quotient_struct q;
    truth_t answer;

    open_space(&q, s, 0);
    answer = caustic_geometry_parallel_curvature(q.cometric, q.drift, q.ctx);
    quotient_clear(&q);
    return answer;
}

/* R^{lkij} = g^{li} g^{kj} - g^{lj} g^{ki} on the unit sphere, and its negative on hyperbolic space: sign and places of all entries. */
static void
test_curvature_tensor(void ** state)
{
    (void) state;

    for (int sign = -1; sign <= 1; sign += 2)
    {
        space_struct s;
        quotient_struct q;
        gr_mat_t riemann;
        gr_ptr x, y;

        stereographic(&s, 3, sign);
        open_space(&q, &s, 0);
        gr_mat_init(riemann, 9, 9, q.ctx);
        GR_TMP_INIT2(x, y, q.ctx);
        assert_int_equal(caustic_geometry_curvature_tensor(riemann, q.cometric, q.drift, q.ctx), T_TRUE);
        for (slong e = 0; e < 81; e++)
        {
            slong l = e / 27, k = e / 9 % 3, i = e / 3 % 3, j = e % 3;
            int status = gr_mul(x, gr_mat_entry_ptr(q.cometric, l, i, q.ctx), gr_mat_entry_ptr(q.cometric, k, j, q.ctx), q.ctx);

            status |= gr_mul(y, gr_mat_entry_ptr(q.cometric, l, j, q.ctx), gr_mat_entry_ptr(q.cometric, k, i, q.ctx), q.ctx);
            status |= gr_sub(x, x, y, q.ctx);
            status |= gr_mul_si(x, x, sign, q.ctx);
            status |= gr_sub(x, x, gr_mat_entry_ptr(riemann, 3 * l + k, 3 * i + j, q.ctx), q.ctx);
            assert_int_equal(status, GR_SUCCESS);
            assert_int_equal(caustic_field_is_zero(x, NULL, q.ctx), T_TRUE);
        }
        GR_TMP_CLEAR2(x, y, q.ctx);
        gr_mat_clear(riemann, q.ctx);
        quotient_clear(&q);
    }
}

/* Symmetric spaces and their products, and what only looks like them. */
static void
test_parallel_curvature(void ** state)
{
    space_struct s;
    (void) state;

    for (slong d = 2; d <= 4; d++)
    {
        stereographic(&s, d, 1);
        assert_int_equal(parallel(&s), T_TRUE);
        stereographic(&s, d, -1);
        assert_int_equal(parallel(&s), T_TRUE);
        neuron(&s, d); /* a line times a sphere */
        assert_int_equal(parallel(&s), T_TRUE);
        space_init(&s, d);
        conformal(&s, "7");
        assert_int_equal(parallel(&s), T_TRUE);
        space_init(&s, d);
        conformal(&s, "(1 + x1^2)^2");
        assert_int_equal(parallel(&s), T_FALSE);
    }
    head(&s, 3, 3, 1); /* a line times two spheres */
    assert_int_equal(parallel(&s), T_TRUE);
    head(&s, 2, 2, 2);
    assert_int_equal(parallel(&s), T_FALSE);

    /* two spheres of different radii; a sphere that is not quite one */
    space_init(&s, 4);
    strcpy(s.g[0][0], "(1 + x1^2 + x2^2)^2/4");
    strcpy(s.g[1][1], "(1 + x1^2 + x2^2)^2/4");
    strcpy(s.g[2][2], "5*(1 + x3^2 + x4^2)^2");
    strcpy(s.g[3][3], "5*(1 + x3^2 + x4^2)^2");
    assert_int_equal(parallel(&s), T_TRUE);
    strcpy(s.g[3][3], "5*(1 + x3^2 + x4^2)^2 + x3^2/1000000");
    assert_int_equal(parallel(&s), T_FALSE);
    /* scalar curvature constant, and yet not parallel: the Heisenberg group */
    space_init(&s, 3);
    strcpy(s.g[0][0], "1");
    strcpy(s.g[1][1], "1");
    strcpy(s.g[2][2], "1 + x1^2");
    strcpy(s.g[1][2], "x1");
    strcpy(s.g[2][1], "x1");
    assert_int_equal(parallel(&s), T_FALSE);
    space_init(&s, 1);
    strcpy(s.g[0][0], "1 + x1^2");
    assert_int_equal(parallel(&s), T_TRUE);
}

/* Whether the parallel curvature is nowhere positive, by the point (1/2, 1/3, 1/4, 1/5, ...) or, with the last coordinate positive, (..., 2). */
static truth_t
nonpositive(const space_struct * s, int positive_last)
{
    quotient_struct q;
    slong d = s->d;
    fmpq * point = _fmpq_vec_init(d);
    gr_mat_t riemann;
    truth_t answer;

    open_space(&q, s, positive_last);
    gr_mat_init(riemann, d * d, d * d, q.ctx);
    for (slong i = 0; i < d; i++)
        fmpq_set_si(point + i, 1, (ulong) i + 2);
    if (positive_last)
        fmpq_set_si(point + d - 1, 2, 1);
    assert_int_equal(caustic_geometry_curvature_tensor(riemann, q.cometric, q.drift, q.ctx), T_TRUE);
    answer = caustic_geometry_is_nonpositive(riemann, point, q.ctx);
    gr_mat_clear(riemann, q.ctx);
    _fmpq_vec_clear(point, d);
    quotient_clear(&q);
    return answer;
}

/* x3, x4: the plane of curvature `plus` or `minus` 1, times `scale`; x1, x2: hyperbolic. */
static void
product_of_planes(space_struct * s, const char * second, const char * scale)
{
    space_init(s, 4);
    strcpy(s->g[0][0], "(1 - x1^2 - x2^2)^2/4");
    strcpy(s->g[1][1], "(1 - x1^2 - x2^2)^2/4");
    snprintf(s->g[2][2], TEXT, "(%s)^2*%s", second, scale);
    snprintf(s->g[3][3], TEXT, "(%s)^2*%s", second, scale);
}

static void
test_sign_of_curvature(void ** state)
{
    space_struct s;
    (void) state;

    for (slong d = 2; d <= 4; d++)
    {
        stereographic(&s, d, 1);
        assert_int_equal(nonpositive(&s, 0), T_FALSE);
        stereographic(&s, d, -1);
        assert_int_equal(nonpositive(&s, 0), T_TRUE);
        space_init(&s, d);
        conformal(&s, d == 2 ? "x2^2" : d == 3 ? "x3^2" : "x4^2");
        assert_int_equal(nonpositive(&s, 1), T_TRUE);
        neuron(&s, d); /* a line times a sphere, which is curved from dimension 2 on */
        assert_int_equal(nonpositive(&s, 0), d == 2 ? T_TRUE : T_FALSE);
        space_init(&s, d);
        conformal(&s, "7");
        assert_int_equal(nonpositive(&s, 0), T_TRUE);
    }
    space_init(&s, 1);
    strcpy(s.g[0][0], "1 + x1^2");
    assert_int_equal(nonpositive(&s, 0), T_TRUE);

    /* products: with lines, with each other, and with a sphere so large that its curvature is a millionth */
    product_of_planes(&s, "1", "1");
    assert_int_equal(nonpositive(&s, 0), T_TRUE);
    product_of_planes(&s, "1 - x3^2 - x4^2", "3");
    assert_int_equal(nonpositive(&s, 0), T_TRUE);
    product_of_planes(&s, "1 + x3^2 + x4^2", "1/4000000");
    assert_int_equal(nonpositive(&s, 0), T_FALSE);
    /* sheared: no coordinate plane is that of a factor */
    space_init(&s, 3);
    strcpy(s.g[0][0], "x3^2 + 1");
    strcpy(s.g[0][1], "1");
    strcpy(s.g[1][0], "1");
    strcpy(s.g[1][1], "1");
    strcpy(s.g[2][2], "x3^2");
    assert_int_equal(nonpositive(&s, 1), T_TRUE);

    /* the complex hyperbolic plane, curvature from -1 to -1/4 */
    space_init(&s, 4);
    strcpy(s.g[3][3], "x4^2");
    strcpy(s.g[0][0], "x4");
    strcpy(s.g[1][1], "x4");
    strcpy(s.g[2][2], "x4^2 + x4*(x1^2 + x2^2)/4");
    strcpy(s.g[0][2], "x4*x2/2");
    strcpy(s.g[2][0], "x4*x2/2");
    strcpy(s.g[1][2], "-x4*x1/2");
    strcpy(s.g[2][1], "-x4*x1/2");
    assert_int_equal(nonpositive(&s, 1), T_TRUE);
    head(&s, 3, 3, 1); /* a line times two spheres */
    {
        quotient_struct q;
        gr_mat_t riemann;
        fmpq point[QUOTIENT_DIMENSION];

        for (slong i = 0; i < s.d; i++)
        {
            fmpq_init(point + i);
            fmpq_set_si(point + i, 1, 1);
        }
        open_space(&q, &s, 0);
        gr_mat_init(riemann, s.d * s.d, s.d * s.d, q.ctx);
        assert_int_equal(caustic_geometry_curvature_tensor(riemann, q.cometric, q.drift, q.ctx), T_TRUE);
        assert_int_equal(caustic_geometry_is_nonpositive(riemann, point, q.ctx), T_FALSE);
        fmpq_zero(point); /* m11 = 0: the coordinates end */
        assert_int_equal(caustic_geometry_is_nonpositive(riemann, point, q.ctx), T_UNKNOWN);
        gr_mat_clear(riemann, q.ctx);
        quotient_clear(&q);
        for (slong i = 0; i < s.d; i++)
            fmpq_clear(point + i);
    }
}

static int
nowhere_positive(const space_struct * s, int positive_last)
{
    quotient_struct q;
    slong d = s->d;
    gr_mat_t riemann;
    int answer;

    open_space(&q, s, positive_last);
    gr_mat_init(riemann, d * d, d * d, q.ctx);
    assert_true(caustic_geometry_curvature_tensor(riemann, q.cometric, q.drift, q.ctx) != T_UNKNOWN);
    answer = caustic_geometry_is_nowhere_positive(riemann, q.ctx);
    gr_mat_clear(riemann, q.ctx);
    quotient_clear(&q);
    return answer;
}

/* dx_1^2 + f^2 (dx_2^2 + ... + dx_d^2): curvatures -f''/f and -(f'/f)^2. */
static int
warped(slong d, const char * profile)
{
    space_struct s;

    space_init(&s, d);
    strcpy(s.g[0][0], "1");
    for (slong i = 1; i < d; i++)
        snprintf(s.g[i][i], TEXT, "1/(%s)^2", profile);
    return nowhere_positive(&s, 0);
}

static void
test_curvature_everywhere(void ** state)
{
    space_struct s;
    (void) state;

    for (slong d = 2; d <= 3; d++)
    {
        assert_true(warped(d, "1 + x1^2"));
        assert_true(warped(d, "exp(x1) + 2*exp(-x1)"));
        assert_true(warped(d, "exp(x1^2)"));
        assert_true(warped(d, "sqrt(1 + x1^2)"));
        assert_true(warped(d, "1"));
        /* convex near 0, not far away; and not at 0 alone */
        assert_false(warped(d, "2 + x1^2 - x1^4/1000000"));
        assert_false(warped(d, "1 + x1^4 - x1^2/1000000"));
        assert_false(warped(d, "1/(1 + x1^2)"));
    }
    /* sinh r + r, r > 0 */
    space_init(&s, 2);
    strcpy(s.g[0][0], "1/((exp(x2) - exp(-x2))/2 + x2)^2");
    strcpy(s.g[1][1], "1");
    assert_true(nowhere_positive(&s, 1));
    strcpy(s.g[0][0], "1/((exp(x2) - exp(-x2))/2 + x2 - x2^2/2)^2");
    assert_false(nowhere_positive(&s, 1));
    /* a surface that is nowhere positively curved, sheared */
    space_init(&s, 2);
    strcpy(s.g[0][0], "1");
    strcpy(s.g[0][1], "1");
    strcpy(s.g[1][0], "1");
    strcpy(s.g[1][1], "1 + 1/(1 + x1^2)^2");
    assert_true(nowhere_positive(&s, 0));
    stereographic(&s, 3, 1);
    assert_false(nowhere_positive(&s, 0));
    head(&s, 2, 2, 2);
    assert_false(nowhere_positive(&s, 0));
}

/* P^ij = g^ia g^jb (d_a d_b f - Gamma^k_ab d_k f), with the symbols of the other module. */
static void
test_raised_hessian(void ** state)
{
    space_struct s;
    quotient_struct q;
    caustic_geometry_t geometry;
    caustic_expr f, raised[9], pair[2];
    gr_ptr sum, x;
    (void) state;

    stereographic(&s, 3, -1);
    strcpy(s.g[0][1], "x3/7");
    strcpy(s.g[1][0], "x3/7");
    open_space(&q, &s, 0);
    f = parse(&q, "x1^2*x2 - x3^3 + x1*x3");
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_int_equal(geometry->status, GR_SUCCESS);
    caustic_geometry_raised_hessian(raised, q.pool, q.coordinate, 3, q.cometric_expr, f);
    GR_TMP_INIT2(sum, x, q.ctx);
    for (slong i = 0; i < 3; i++)
        for (slong j = 0; j < 3; j++)
        {
            int status = caustic_field_set_expr(sum, raised[3 * i + j], q.ctx);

            for (slong a = 0; a < 3; a++)
                for (slong b = 0; b < 3; b++)
                {
                    caustic_expr e = caustic_derivative(q.pool, caustic_derivative(q.pool, f, q.coordinate[a]), q.coordinate[b]);

                    for (slong k = 0; k < 3; k++)
                        e = caustic_sub(q.pool, e, caustic_mul(q.pool, caustic_derivative(q.pool, f, q.coordinate[k]),
                            caustic_field_get_expr(gr_mat_entry_srcptr(geometry->christoffel[k], a, b, q.ctx), q.ctx)));
                    e = caustic_mul(q.pool, e, caustic_mul(q.pool, q.cometric_expr[3 * i + a], q.cometric_expr[3 * j + b]));
                    status |= caustic_field_set_expr(x, e, q.ctx);
                    status |= gr_sub(sum, sum, x, q.ctx);
                }
            assert_int_equal(status, GR_SUCCESS);
            assert_int_equal(caustic_field_is_zero(sum, NULL, q.ctx), T_TRUE);
        }
    GR_TMP_CLEAR2(sum, x, q.ctx);
    pair[0] = f;
    pair[1] = q.coordinate[0];
    assert_int_equal(caustic_contract(q.pool, pair, pair + 1, 1), caustic_mul(q.pool, f, q.coordinate[0]));
    assert_int_equal(caustic_contract(q.pool, pair, pair, 0), caustic_integer(q.pool, 0));
    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

/* With square roots, exponentials, sines: elements of the field, over 1. */
static void
test_generators(void ** state)
{
    static const struct
    {
        const char * g[4];
        const char * scalar;
        truth_t flat;
        const char * kappa;
    }
    surfaces[] =
    {
        {{"1", "0", "0", "exp(-2*x1)"}, "-2", T_FALSE, "-1"},
        {{"1", "0", "0", "1/cosh(x1)^2"}, "-2", T_FALSE, "-1"},
        {{"1", "0", "0", "1/(2 + sin(x1))^2"}, "2*sin(x1)/(2 + sin(x1))", T_FALSE, NULL},
        {{"1 + x1^2", "0", "0", "1/(1 + x1^2)"}, "-2", T_FALSE, "-1"},
        {{"1", "0", "0", "1/(1 + sqrt(1 + x1^2))^2"}, "-2/((1 + sqrt(1 + x1^2))*(1 + x1^2)^(3/2))", T_FALSE, NULL},
        {{"exp(2*x1)", "0", "0", "exp(2*x1)"}, "0", T_TRUE, "0"}
    };
    (void) state;

    for (size_t n = 0; n < sizeof(surfaces) / sizeof(surfaces[0]); n++)
    {
        space_struct s;

        space_init(&s, 2);
        for (slong i = 0; i < 4; i++)
            strcpy(s.g[i / 2][i % 2], surfaces[n].g[i]);
        check_space(&s, 0, surfaces[n].scalar, surfaces[n].flat, surfaces[n].kappa);
    }
}

/* Neurons, SPEC 1.3: the line times a sphere has constant scalar curvature, but not constant curvature. */
static void
test_neurons(void ** state)
{
    space_struct s;
    (void) state;

    for (slong n = 2; n <= 8; n++)
    {
        neuron(&s, n);
        check_space(&s, 0, integer((n - 1) * (n - 2)), n == 2 ? T_TRUE : T_FALSE, n == 2 ? "0" : NULL);
    }
}

static void
test_products(void ** state)
{
    space_struct s;
    (void) state;

    /* two spheres; a sphere and a hyperbolic plane: scalar curvature 0, and not flat */
    for (int sign = -1; sign <= 1; sign += 2)
    {
        space_init(&s, 4);
        for (slong i = 0; i < 4; i++)
            strcpy(s.g[i][i], i < 2 ? "(1 + x1^2 + x2^2)^2/4" : sign > 0 ? "(1 + x3^2 + x4^2)^2/4" : "x4^2");
        check_space(&s, 1, sign > 0 ? "4" : "0", T_FALSE, NULL);
    }

    /* a sphere and a line; polar coordinates of the plane */
    space_init(&s, 3);
    for (slong i = 0; i < 3; i++)
        strcpy(s.g[i][i], i < 2 ? "(1 + x1^2 + x2^2)^2/4" : "x3^2");
    check_space(&s, 1, "2", T_FALSE, NULL);
    space_init(&s, 2);
    strcpy(s.g[0][0], "1/x2^2");
    strcpy(s.g[1][1], "1");
    check_space(&s, 1, "0", T_TRUE, "0");
}

/* Attention, SPEC 1.3: d = k = 2 has scalar curvature 56 det^2/|M|^4 and e^W = |M|^2/|det M|; k = 1 has 2(d-1)(d-2);
   a readout in R^p has (p-1)(p-2) + (n-1)(n-2). */
static void
test_attention(void ** state)
{
    space_struct s;
    quotient_struct q;
    caustic_geometry_t geometry;
    gr_ptr x;
    (void) state;

    head(&s, 2, 2, 2);
    check_space(&s, 0, "56*(m11*m22 - m12*m21)^2/(m11^2 + m12^2 + m21^2 + m22^2)^2", T_FALSE, NULL);

    open_space(&q, &s, 0);
    GR_TMP_INIT(x, q.ctx);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_int_equal(caustic_geometry_determinant(x, q.cometric, q.ctx), GR_SUCCESS);
    assert_element(&q, x, "4*(m11*m22 - m12*m21)^2*(m11^2 + m12^2 + m21^2 + m22^2)^2");
    assert_true(geometry->weight_closed == T_TRUE);
    for (slong i = 0; i < 4; i++)
    {
        caustic_expr potential = parse(&q, "log(m11^2 + m12^2 + m21^2 + m22^2) - log((m11*m22 - m12*m21)^2)/2");
        char * slope = caustic_expr_string(q.pool, caustic_derivative(q.pool, potential, q.coordinate[i]));

        assert_element(&q, gr_mat_entry_srcptr(geometry->weight, i, 0, q.ctx), slope);
        flint_free(slope);
    }
    caustic_geometry_clear(geometry);
    GR_TMP_CLEAR(x, q.ctx);
    quotient_clear(&q);

    head(&s, 2, 2, 1);
    check_space(&s, 0, "0", T_TRUE, "0");
    head(&s, 3, 3, 1);
    check_space(&s, 0, "4", T_FALSE, NULL);
    head(&s, 4, 4, 1);
    check_space(&s, 0, "12", T_FALSE, NULL);
    head(&s, 2, 3, 1);
    check_space(&s, 0, "2", T_FALSE, NULL);
    head(&s, 3, 4, 1);
    check_space(&s, 0, "8", T_FALSE, NULL);
}

/* SPEC 1.3, power sums of three particles, p_4 by Newton's identities: flat and without weight, being the plane R^3 in
   other coordinates. A drift that is off has a weight that is not closed. */
static void
test_power_sums(void ** state)
{
    static const char * const fourth = "(9*x1^4/2 - 9*x1^2*x2 + 4*x1*x3 + 3*x2^2/2)";
    static const char * const power[3][3] = {{"1", "2*x1", "3*x2"}, {"2*x1", "4*x2", "6*x3"}, {"3*x2", "6*x3", NULL}};
    space_struct s;
    (void) state;

    for (int wrong = 0; wrong < 2; wrong++)
    {
        quotient_struct q;
        caustic_geometry_t geometry;

        space_init(&s, 3);
        for (slong i = 0; i < 3; i++)
            for (slong j = 0; j < 3; j++)
                snprintf(s.g[i][j], TEXT, "%s%s", power[i][j] != NULL ? "" : "9*", power[i][j] != NULL ? power[i][j] : fourth);
        strcpy(s.b[1], "6");
        strcpy(s.b[2], wrong ? "17*x1" : "18*x1");
        check_space(&s, 0, "0", T_TRUE, "0");

        open_space(&q, &s, 0);
        caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
        assert_true(geometry->weight_closed == (wrong ? T_FALSE : T_TRUE));
        assert_true(gr_mat_is_zero(geometry->weight, q.ctx) == (wrong ? T_FALSE : T_TRUE));
        caustic_geometry_clear(geometry);
        quotient_clear(&q);
    }
}

/* The definitions, entry by entry ****************************************************************/

typedef struct
{
    gr_ctx_struct * ctx;
    slong d;
    const caustic_geometry_struct * geometry;
    gr_ptr riemann; /* [l][k][i][j]: R^l_{kij} */
    gr_ptr lowered; /* [l][k][i][j]: R_{lkij} */
}
reference_struct;

static gr_ptr
component(gr_ptr tensor, const reference_struct * r, slong l, slong k, slong i, slong j)
{
    return GR_ENTRY(tensor, ((l * r->d + k) * r->d + i) * r->d + j, r->ctx->sizeof_elem);
}

static gr_srcptr
symbol(const reference_struct * r, slong k, slong i, slong j)
{
    return gr_mat_entry_srcptr(r->geometry->christoffel[k], i, j, r->ctx);
}

static void
reference_init(reference_struct * r, const caustic_geometry_struct * geometry)
{
    gr_ctx_struct * ctx = geometry->ctx;
    slong d = geometry->dimension;
    gr_ptr x;
    int status = GR_SUCCESS;

    r->ctx = ctx;
    r->d = d;
    r->geometry = geometry;
    r->riemann = gr_heap_init_vec(d * d * d * d, ctx);
    r->lowered = gr_heap_init_vec(d * d * d * d, ctx);
    GR_TMP_INIT(x, ctx);

    for (slong l = 0; l < d; l++)
        for (slong k = 0; k < d; k++)
            for (slong i = 0; i < d; i++)
                for (slong j = 0; j < d; j++)
                {
                    gr_ptr res = component(r->riemann, r, l, k, i, j);

                    status |= caustic_field_derivative(res, symbol(r, l, j, k), i, ctx);
                    status |= caustic_field_derivative(x, symbol(r, l, i, k), j, ctx);
                    status |= gr_sub(res, res, x, ctx);
                    for (slong m = 0; m < d; m++)
                    {
                        status |= gr_addmul(res, symbol(r, l, i, m), symbol(r, m, j, k), ctx);
                        status |= gr_submul(res, symbol(r, l, j, m), symbol(r, m, i, k), ctx);
                    }
                }

    for (slong l = 0; l < d; l++)
        for (slong k = 0; k < d; k++)
            for (slong i = 0; i < d; i++)
                for (slong j = 0; j < d; j++)
                    for (slong m = 0; m < d; m++)
                        status |= gr_addmul(component(r->lowered, r, l, k, i, j), gr_mat_entry_srcptr(geometry->metric, l, m, ctx),
                            component(r->riemann, r, m, k, i, j), ctx);

    assert_int_equal(status, GR_SUCCESS);
    GR_TMP_CLEAR(x, ctx);
}

static void
reference_clear(reference_struct * r)
{
    gr_heap_clear_vec(r->riemann, r->d * r->d * r->d * r->d, r->ctx);
    gr_heap_clear_vec(r->lowered, r->d * r->d * r->d * r->d, r->ctx);
}

static void
assert_sum_is_zero(gr_srcptr a, gr_srcptr b, gr_srcptr c, gr_ctx_t ctx)
{
    gr_ptr x;

    GR_TMP_INIT(x, ctx);
    assert_int_equal(gr_add(x, a, b, ctx), GR_SUCCESS);
    if (c != NULL)
        assert_int_equal(gr_add(x, x, c, ctx), GR_SUCCESS);
    assert_true(gr_is_zero(x, ctx) == T_TRUE);
    GR_TMP_CLEAR(x, ctx);
}

/* Antisymmetry, exchange of pairs, first Bianchi identity; Ricci and scalar curvature. */
static void
check_symmetries(quotient_struct * q, const reference_struct * r)
{
    gr_ctx_struct * ctx = r->ctx;
    gr_ptr ricci, scalar;

    GR_TMP_INIT2(ricci, scalar, ctx);

    for (slong l = 0; l < r->d; l++)
        for (slong k = 0; k < r->d; k++)
        {
            assert_int_equal(gr_zero(ricci, ctx), GR_SUCCESS);
            for (slong i = 0; i < r->d; i++)
            {
                assert_int_equal(gr_add(ricci, ricci, component(r->riemann, r, i, l, i, k), ctx), GR_SUCCESS);
                for (slong j = 0; j < r->d; j++)
                {
                    gr_srcptr x = component(r->lowered, r, l, k, i, j);

                    assert_sum_is_zero(x, component(r->lowered, r, k, l, i, j), NULL, ctx);
                    assert_sum_is_zero(x, component(r->lowered, r, l, k, j, i), NULL, ctx);
                    assert_true(gr_equal(x, component(r->lowered, r, i, j, l, k), ctx) == T_TRUE);
                    assert_sum_is_zero(x, component(r->lowered, r, l, i, j, k), component(r->lowered, r, l, j, k, i), ctx);
                }
            }
            assert_true(gr_equal(ricci, gr_mat_entry_srcptr(r->geometry->ricci, l, k, ctx), ctx) == T_TRUE);
            assert_int_equal(gr_addmul(scalar, ricci, gr_mat_entry_srcptr(q->cometric, l, k, ctx), ctx), GR_SUCCESS);
        }

    assert_true(gr_equal(scalar, gr_mat_entry_srcptr(r->geometry->scalar, 0, 0, ctx), ctx) == T_TRUE);
    GR_TMP_CLEAR2(ricci, scalar, ctx);
}

/* res = D_m R^l_{kij} */
static void
covariant_derivative(gr_ptr res, const reference_struct * r, slong m, slong l, slong k, slong i, slong j)
{
    gr_ctx_struct * ctx = r->ctx;
    int status = caustic_field_derivative(res, component(r->riemann, r, l, k, i, j), m, ctx);

    for (slong n = 0; n < r->d; n++)
    {
        status |= gr_addmul(res, symbol(r, l, m, n), component(r->riemann, r, n, k, i, j), ctx);
        status |= gr_submul(res, symbol(r, n, m, k), component(r->riemann, r, l, n, i, j), ctx);
        status |= gr_submul(res, symbol(r, n, m, i), component(r->riemann, r, l, k, n, j), ctx);
        status |= gr_submul(res, symbol(r, n, m, j), component(r->riemann, r, l, k, i, n), ctx);
    }

    assert_int_equal(status, GR_SUCCESS);
}

static void
check_second_bianchi(const reference_struct * r)
{
    gr_ctx_struct * ctx = r->ctx;
    slong d = r->d;
    gr_ptr a, b, c;

    GR_TMP_INIT3(a, b, c, ctx);
    for (slong l = 0; l < d; l++)
        for (slong k = 0; k < d; k++)
            for (slong m = 0; m < d; m++)
                for (slong i = 0; i < m; i++)
                    for (slong j = 0; j < i; j++)
                    {
                        covariant_derivative(a, r, m, l, k, i, j);
                        covariant_derivative(b, r, i, l, k, j, m);
                        covariant_derivative(c, r, j, l, k, m, i);
                        assert_sum_is_zero(a, b, c, ctx);
                    }
    GR_TMP_CLEAR3(a, b, c, ctx);
}

/* The metric is the inverse and is parallel, the symbols are symmetric: that makes them the right ones. */
static void
check_symbols(quotient_struct * q, const reference_struct * r)
{
    gr_ctx_struct * ctx = r->ctx;
    gr_mat_t product;
    gr_ptr x;
    int status;

    GR_TMP_INIT(x, ctx);
    gr_mat_init(product, r->d, r->d, ctx);
    status = gr_mat_mul_classical(product, q->cometric, r->geometry->metric, ctx);
    assert_true(gr_mat_is_one(product, ctx) == T_TRUE);

    for (slong k = 0; k < r->d; k++)
        for (slong i = 0; i < r->d; i++)
            for (slong j = 0; j < r->d; j++)
            {
                assert_true(gr_equal(symbol(r, k, i, j), symbol(r, k, j, i), ctx) == T_TRUE);
                status |= caustic_field_derivative(x, gr_mat_entry_srcptr(r->geometry->metric, i, j, ctx), k, ctx);
                for (slong m = 0; m < r->d; m++)
                {
                    status |= gr_submul(x, symbol(r, m, k, i), gr_mat_entry_srcptr(r->geometry->metric, m, j, ctx), ctx);
                    status |= gr_submul(x, symbol(r, m, k, j), gr_mat_entry_srcptr(r->geometry->metric, i, m, ctx), ctx);
                }
                assert_int_equal(status, GR_SUCCESS);
                assert_true(gr_is_zero(x, ctx) == T_TRUE);
            }

    gr_mat_clear(product, ctx);
    GR_TMP_CLEAR(x, ctx);
}

static slong
small(slong bound)
{
    return (slong) n_randint(random_state, (ulong) (2 * bound + 1)) - bound;
}

/* Symmetric, with random polynomials, for d = 2 over a random denominator; rarely degenerate. */
static void
random_space(space_struct * s, slong d)
{
    space_init(s, d);
    for (slong i = 0; i < d; i++)
    {
        snprintf(s->b[i], TEXT, "%ld*x1 + (%ld)*x%ld^2", (long) small(3), (long) small(2), (long) n_randint(random_state, (ulong) d) + 1);
        for (slong j = 0; j <= i; j++)
        {
            slong a = (slong) n_randint(random_state, (ulong) d) + 1, b = (slong) n_randint(random_state, (ulong) d) + 1;

            if (d == 2)
                snprintf(s->g[i][j], TEXT, "(%ld + (%ld)*x%ld + (%ld)*x1*x%ld)/(1 + %ld*x%ld^2)", (long) (small(2) + 4 * (i == j)),
                    (long) small(2), (long) a, (long) small(1), (long) b, (long) n_randint(random_state, 2) * (i == j), (long) a);
            else
                snprintf(s->g[i][j], TEXT, "%ld + (%ld)*x%ld", (long) (small(1) + 2 * (i == j)),
                    (long) (n_randint(random_state, 2) == 0 ? small(1) : 0), (long) a);
            if (j < i)
                strcpy(s->g[j][i], s->g[i][j]);
        }
    }
}

static void
test_identities(void ** state)
{
    slong curved = 0;
    (void) state;

    for (slong round = 0; round < 12; round++)
    {
        space_struct s;
        quotient_struct q;
        caustic_geometry_t geometry;

        random_space(&s, 2 + (round % 4 == 3));
        open_space(&q, &s, 0);
        caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);

        if (geometry->status == GR_SUCCESS)
        {
            reference_struct r;

            reference_init(&r, geometry);
            check_symbols(&q, &r);
            check_symmetries(&q, &r);
            check_second_bianchi(&r);
            assert_covariant(&q, geometry);
            curved += geometry->flat == T_FALSE;
            reference_clear(&r);
        }

        caustic_geometry_clear(geometry);
        quotient_clear(&q);
    }

    assert_true(curved >= 4);
}

/* Changes of chart ********************************************************************************/

/* Puts the new coordinates w, w_i = x_i + p_i(x_1 .. x_{i-1}), in the place of x; old[] is x in terms of w. */
static void
change_chart(quotient_struct * res, const quotient_struct * q, caustic_expr * old, caustic_expr * new)
{
    slong d = q->dimension;
    caustic_pool * pool = q->pool;
    caustic_expr zero = caustic_integer(pool, 0);

    *res = *q;

    /* the polynomials in x; then x in terms of w, whose names are those of x */
    for (slong i = 0; i < d; i++)
    {
        caustic_expr p = zero, on_old;

        for (slong j = 0; j < i; j++)
        {
            p = caustic_add(pool, p, caustic_mul(pool, caustic_integer(pool, small(2)), q->coordinate[j]));
            p = caustic_add(pool, p, caustic_mul(pool, caustic_integer(pool, small(1)), caustic_power_si(pool, q->coordinate[j], 2)));
        }

        new[i] = caustic_add(pool, q->coordinate[i], p);
        on_old = caustic_substitute(pool, p, q->coordinate, old, i);
        old[i] = caustic_sub(pool, q->coordinate[i], on_old);
    }

    caustic_field_ctx_init(res->ctx, pool, q->coordinate, q->domain, d);
    gr_mat_init(res->cometric, d, d, res->ctx);
    gr_mat_init(res->drift, d, 1, res->ctx);

    for (slong i = 0; i < d; i++)
    {
        caustic_expr drift = zero;

        for (slong a = 0; a < d; a++)
        {
            drift = caustic_add(pool, drift, caustic_mul(pool, q->drift_expr[a], caustic_derivative(pool, new[i], q->coordinate[a])));
            for (slong b = 0; b < d; b++)
                drift = caustic_add(pool, drift, caustic_mul(pool, q->cometric_expr[a * d + b],
                    caustic_derivative(pool, caustic_derivative(pool, new[i], q->coordinate[a]), q->coordinate[b])));
        }
        drift = caustic_substitute(pool, drift, q->coordinate, old, d);
        assert_int_equal(caustic_field_set_expr(gr_mat_entry_ptr(res->drift, i, 0, res->ctx), drift, res->ctx), GR_SUCCESS);

        for (slong j = 0; j < d; j++)
        {
            caustic_expr entry = zero;

            for (slong a = 0; a < d; a++)
                for (slong b = 0; b < d; b++)
                    entry = caustic_add(pool, entry, caustic_mul(pool, q->cometric_expr[a * d + b],
                        caustic_mul(pool, caustic_derivative(pool, new[i], q->coordinate[a]),
                            caustic_derivative(pool, new[j], q->coordinate[b]))));
            entry = caustic_substitute(pool, entry, q->coordinate, old, d);
            assert_int_equal(caustic_field_set_expr(gr_mat_entry_ptr(res->cometric, i, j, res->ctx), entry, res->ctx), GR_SUCCESS);
        }
    }
}

/* res = an element of the new chart, in the old coordinates */
static void
pull_back(gr_ptr res, gr_srcptr x, const quotient_struct * moved, quotient_struct * q, const caustic_expr * new)
{
    gr_ctx_struct * from = (gr_ctx_struct *) moved->ctx;
    caustic_expr e = caustic_field_get_expr(x, from);

    assert_int_equal(caustic_field_set_expr(res, caustic_substitute(q->pool, e, q->coordinate, new, q->dimension), q->ctx), GR_SUCCESS);
}

/* |Ric|^2 = g^{ia} g^{jb} Ric_ij Ric_ab */
static void
ricci_norm(gr_ptr res, quotient_struct * q, const caustic_geometry_t geometry)
{
    gr_mat_t mixed, square;
    int status = GR_SUCCESS;

    gr_mat_init(mixed, q->dimension, q->dimension, q->ctx);
    gr_mat_init(square, q->dimension, q->dimension, q->ctx);
    status |= gr_mat_mul_classical(mixed, q->cometric, geometry->ricci, q->ctx);
    status |= gr_mat_mul_classical(square, mixed, mixed, q->ctx);
    status |= gr_mat_trace(res, square, q->ctx);
    assert_int_equal(status, GR_SUCCESS);
    gr_mat_clear(mixed, q->ctx);
    gr_mat_clear(square, q->ctx);
}

static void
check_chart(const space_struct * s)
{
    quotient_struct q, moved;
    caustic_geometry_t here, there;
    caustic_expr old[QUOTIENT_DIMENSION], new[QUOTIENT_DIMENSION];
    gr_ptr x, y;
    slong d = s->d;

    open_space(&q, s, 0);
    change_chart(&moved, &q, old, new);
    caustic_geometry_init(here, q.cometric, q.drift, q.ctx);
    caustic_geometry_init(there, moved.cometric, moved.drift, moved.ctx);
    assert_int_equal(here->status, GR_SUCCESS);
    assert_int_equal(there->status, GR_SUCCESS);
    assert_true(here->flat == there->flat);
    assert_true(here->constant_curvature == there->constant_curvature);
    assert_true(here->weight_closed == there->weight_closed);
    assert_covariant(&moved, there);

    GR_TMP_INIT2(x, y, q.ctx);
    pull_back(x, gr_mat_entry_srcptr(there->scalar, 0, 0, moved.ctx), &moved, &q, new);
    assert_true(gr_equal(x, gr_mat_entry_srcptr(here->scalar, 0, 0, q.ctx), q.ctx) == T_TRUE);

    {
        gr_ptr norm;

        GR_TMP_INIT(norm, moved.ctx);
        ricci_norm(norm, &moved, there);
        pull_back(x, norm, &moved, &q, new);
        ricci_norm(y, &q, here);
        assert_true(gr_equal(x, y, q.ctx) == T_TRUE);
        GR_TMP_CLEAR(norm, moved.ctx);
    }

    /* W_i = W'_a d w^a/d x_i */
    for (slong i = 0; i < d; i++)
    {
        gr_ptr slope;

        GR_TMP_INIT(slope, q.ctx);
        assert_int_equal(gr_zero(y, q.ctx), GR_SUCCESS);
        for (slong a = 0; a < d; a++)
        {
            pull_back(x, gr_mat_entry_srcptr(there->weight, a, 0, moved.ctx), &moved, &q, new);
            assert_int_equal(caustic_field_set_expr(slope, caustic_derivative(q.pool, new[a], q.coordinate[i]), q.ctx), GR_SUCCESS);
            assert_int_equal(gr_addmul(y, x, slope, q.ctx), GR_SUCCESS);
        }
        assert_true(gr_equal(y, gr_mat_entry_srcptr(here->weight, i, 0, q.ctx), q.ctx) == T_TRUE);
        GR_TMP_CLEAR(slope, q.ctx);
    }

    GR_TMP_CLEAR2(x, y, q.ctx);
    caustic_geometry_clear(here);
    caustic_geometry_clear(there);
    gr_mat_clear(moved.cometric, moved.ctx);
    gr_mat_clear(moved.drift, moved.ctx);
    gr_ctx_clear(moved.ctx);
    quotient_clear(&q);
}

static void
test_charts(void ** state)
{
    space_struct s;
    (void) state;

    for (slong round = 0; round < 2; round++)
    {
        neuron(&s, 2);
        check_chart(&s);
        neuron(&s, 3);
        check_chart(&s);
        gnomonic(&s, 2);
        strcpy(s.b[0], "x1*x2"); /* a weight that is not closed */
        check_chart(&s);
        gnomonic(&s, 3);
        check_chart(&s);
        head(&s, 2, 2, 1);
        check_chart(&s);
        space_init(&s, 3);
        conformal(&s, "2");
        strcpy(s.b[2], "x1");
        check_chart(&s);
    }
}

/* Weights as functions ****************************************************************************/

typedef struct
{
    const char * parameter[6];
    const char * metric[36];
    const char * generator[12];
    const char * section[6];
    slong parameters, generators;
}
action_struct;

/* Parses in a scope of the parameters and the coordinates. */
static caustic_expr
parse_on(quotient_struct * q, const action_struct * action, const char * text)
{
    caustic_name names[16];
    caustic_scope scope = {names, 0, NULL, 0};
    caustic_error_t error;
    caustic_expr e = CAUSTIC_NONE;

    for (slong i = 0; i < action->parameters; i++)
        names[scope.length++] = (caustic_name) {action->parameter[i], caustic_symbol(q->pool, action->parameter[i])};
    for (slong i = 0; i < q->dimension; i++)
        names[scope.length++] = (caustic_name) {caustic_expr_name(q->pool, q->coordinate[i]), q->coordinate[i]};

    caustic_error_init(error);
    if (caustic_parse(&e, q->pool, text, &scope, NULL, error) != CAUSTIC_OK)
        fail_msg("%s: %s", text, error->message);
    caustic_error_clear(error);
    return e;
}

static truth_t
potential_of(caustic_expr * potential, quotient_struct * q, const caustic_geometry_t geometry, const action_struct * action)
{
    slong n = action->parameters, k = action->generators;
    caustic_expr parameter[6], metric[36], generator[12], section[6];

    for (slong i = 0; i < n; i++)
    {
        parameter[i] = parse_on(q, action, action->parameter[i]);
        section[i] = parse_on(q, action, action->section[i]);
    }
    for (slong i = 0; i < n * n; i++)
        metric[i] = parse_on(q, action, action->metric[i]);
    for (slong i = 0; i < k * n; i++)
        generator[i] = parse_on(q, action, action->generator[i]);

    return caustic_geometry_weight_potential(potential, geometry, n, parameter, metric, k, generator, section);
}

/* A neuron with three inputs; the same with a metric that is not the invariant one; Aff+(1) (SPEC 1.2: W = p dq). */
static void
test_potential(void ** state)
{
    static const action_struct rescaling = {{"a", "w1", "w2", "w3"},
        {"a^2", "0", "0", "0", "0", "w1^2 + w2^2 + w3^2", "0", "0", "0", "0", "w1^2 + w2^2 + w3^2", "0", "0", "0", "0",
        "w1^2 + w2^2 + w3^2"}, {"-a", "w1", "w2", "w3"}, {"1", "x1", "x2", "x3"}, 4, 1};
    static const action_struct wrong = {{"a", "w1", "w2", "w3"},
        {"1", "0", "0", "0", "0", "1", "0", "0", "0", "0", "1", "0", "0", "0", "0", "1"}, {"-a", "w1", "w2", "w3"},
        {"1", "x1", "x2", "x3"}, 4, 1};
    static const action_struct affine = {{"p", "q", "r", "s"},
        {"1", "0", "0", "0", "0", "1", "0", "-p*s", "0", "0", "s^2", "0", "0", "-p*s", "0", "s^2 + p^2*s^2"},
        {"0", "0", "1", "0", "0", "0", "r", "s"}, {"x1", "x2", "0", "1"}, 4, 2};
    space_struct s;
    quotient_struct q;
    caustic_geometry_t geometry;
    caustic_expr potential;
    (void) state;

    neuron(&s, 3);
    open_space(&q, &s, 0);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_true(potential_of(&potential, &q, geometry, &rescaling) == T_TRUE);
    assert_true(potential == parse(&q, "log(2)/2")); /* <xi, xi> = 1 + 1 */
    assert_true(potential_of(&potential, &q, geometry, &wrong) == T_FALSE);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);

    /* L = d_p^2 + d_q^2 + p d_q: the weight p dq is not closed */
    space_init(&s, 2);
    conformal(&s, "1");
    strcpy(s.b[1], "x1");
    open_space(&q, &s, 0);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_true(geometry->weight_closed == T_FALSE);
    assert_element(&q, gr_mat_entry_srcptr(geometry->weight, 0, 0, q.ctx), "0");
    assert_element(&q, gr_mat_entry_srcptr(geometry->weight, 1, 0, q.ctx), "x1");
    assert_true(potential_of(&potential, &q, geometry, &affine) == T_FALSE);
    assert_covariant(&q, geometry);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);

    /* rotations of the plane: W = log r on the half-line, through a section with a root */
    {
        static const action_struct rotation = {{"a", "b"}, {"1", "0", "0", "1"}, {"-b", "a"}, {"sqrt(x1)", "0"}, 2, 1};

        space_init(&s, 1);
        strcpy(s.g[0][0], "4*x1");
        strcpy(s.b[0], "4");
        open_space(&q, &s, 1);
        caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
        assert_element(&q, gr_mat_entry_srcptr(geometry->weight, 0, 0, q.ctx), "1/(2*x1)");
        assert_true(potential_of(&potential, &q, geometry, &rotation) == T_TRUE);
        caustic_geometry_clear(geometry);
        quotient_clear(&q);
    }
}

/* The 2 x 2 head from its action: GL(2) on W_Q, W_K; e^W is |M|^2/|det M| up to a constant. */
static void
test_potential_of_head(void ** state)
{
    static const char * const names[8] = {"q11", "q12", "q21", "q22", "k11", "k12", "k21", "k22"};
    space_struct s;
    quotient_struct q;
    caustic_geometry_t geometry;
    caustic_expr parameter[8], metric[64], generator[32], section[8], potential;
    (void) state;

    head(&s, 2, 2, 2);
    open_space(&q, &s, 0);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);

    for (slong i = 0; i < 8; i++)
        parameter[i] = caustic_symbol(q.pool, names[i]);
    for (slong i = 0; i < 4; i++)
    {
        section[i] = q.coordinate[i];
        section[4 + i] = caustic_integer(q.pool, i == 0 || i == 3);
    }
    for (slong i = 0; i < 64; i++)
        metric[i] = caustic_integer(q.pool, 0);
    /* rows of W_Q by W_Q^T W_Q, and of W_K likewise */
    for (slong block = 0; block < 2; block++)
        for (slong row = 0; row < 2; row++)
            for (slong a = 0; a < 2; a++)
                for (slong b = 0; b < 2; b++)
                    for (slong l = 0; l < 2; l++)
                    {
                        slong place = (4 * block + 2 * row + a) * 8 + 4 * block + 2 * row + b;

                        metric[place] = caustic_add(q.pool, metric[place], caustic_mul(q.pool,
                            parameter[4 * block + 2 * l + a], parameter[4 * block + 2 * l + b]));
                    }
    /* W_Q E_ab, -W_K E_ba */
    for (slong g = 0; g < 4; g++)
    {
        slong a = g / 2, b = g % 2;

        for (slong i = 0; i < 8; i++)
            generator[g * 8 + i] = caustic_integer(q.pool, 0);
        for (slong row = 0; row < 2; row++)
        {
            generator[g * 8 + 2 * row + b] = parameter[2 * row + a];
            generator[g * 8 + 4 + 2 * row + a] = caustic_neg(q.pool, parameter[4 + 2 * row + b]);
        }
    }

    assert_true(caustic_geometry_weight_potential(&potential, geometry, 8, parameter, metric, 4, generator, section) == T_TRUE);
    /* d (potential - log(|M|^2/|det M|)) = 0 */
    for (slong i = 0; i < 4; i++)
    {
        caustic_expr expected = parse(&q, "log((m11^2 + m12^2 + m21^2 + m22^2)^2/(m11*m22 - m12*m21)^2)/2");
        char * slope = caustic_expr_string(q.pool, caustic_derivative(q.pool, expected, q.coordinate[i]));
        gr_ptr x;

        GR_TMP_INIT(x, q.ctx);
        assert_int_equal(caustic_field_set_expr(x, caustic_derivative(q.pool, potential, q.coordinate[i]), q.ctx), GR_SUCCESS);
        assert_element(&q, x, slope);
        GR_TMP_CLEAR(x, q.ctx);
        flint_free(slope);
    }

    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

/* What there is no geometry for *******************************************************************/

static void
check_no_geometry(const space_struct * s, int status)
{
    quotient_struct q;
    caustic_geometry_t geometry;
    caustic_text_t detail;

    open_space(&q, s, 0);
    caustic_text_init(detail);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_int_equal(geometry->status, status);
    assert_non_null(geometry->reason);
    assert_true(geometry->flat == T_UNKNOWN && geometry->weight_closed == T_UNKNOWN && geometry->constant_curvature == T_UNKNOWN);
    assert_int_equal(caustic_equations_check_covariant(detail, q.cometric, q.drift, geometry), CAUSTIC_UNDECIDED);
    assert_non_null(strstr(detail->data, geometry->reason));
    caustic_text_clear(detail);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

static void
test_no_geometry(void ** state)
{
    space_struct s;
    (void) state;

    space_init(&s, 2);
    strcpy(s.g[0][0], "1");
    strcpy(s.g[0][1], "x1");
    strcpy(s.g[1][0], "x1");
    strcpy(s.g[1][1], "x1^2");
    check_no_geometry(&s, GR_DOMAIN);

    /* the 3 x 3 head: given up, and soon */
    head(&s, 3, 3, 3);
    check_no_geometry(&s, GR_UNABLE);
}

/* Against FLINT's, and of the 3 x 3 head at a point: det g = prod over i <= j of (s_i^2 + s_j^2), the s_i^2 being the
   eigenvalues of M^T M, for off-diagonal pairs twice. At diag(1, 2, 3) that is 2 8 18 (1+4)^2 (1+9)^2 (4+9)^2. */
static void
test_determinant(void ** state)
{
    space_struct s;
    quotient_struct q;
    gr_ptr x, y;
    (void) state;

    for (slong round = 0; round < 12; round++)
    {
        if (round == 11)
            neuron(&s, 5);
        else
            random_space(&s, 1 + round % 3);
        if (round == 10)
            strcpy(s.g[0][0], "exp(x1)");
        open_space(&q, &s, 0);
        GR_TMP_INIT2(x, y, q.ctx);
        assert_int_equal(caustic_geometry_determinant(x, q.cometric, q.ctx), GR_SUCCESS);
        assert_int_equal(gr_mat_det_cofactor(y, q.cometric, q.ctx), round == 11 ? GR_UNABLE : GR_SUCCESS);
        if (round == 11)
            assert_element(&q, x, "2*(x1^2 + x2^2 + x3^2 + x4^2 + x5^2)^5");
        else
            assert_true(gr_equal(x, y, q.ctx) == T_TRUE);
        GR_TMP_CLEAR2(x, y, q.ctx);
        quotient_clear(&q);
    }

    head(&s, 3, 3, 3);
    open_space(&q, &s, 0);
    GR_TMP_INIT(x, q.ctx);
    assert_int_equal(caustic_geometry_determinant(x, q.cometric, q.ctx), GR_SUCCESS);
    {
        arb_ptr point = _arb_vec_init(9);
        arb_t value;

        arb_init(value);
        for (slong i = 0; i < 3; i++)
            arb_set_si(point + 4 * i, i + 1);
        caustic_field_evaluate_arb(value, x, point, 128, q.ctx);
        assert_true(arb_contains_si(value, 2 * 8 * 18 * 25 * 100 * 169));
        assert_true(arb_rel_accuracy_bits(value) > 60);
        arb_clear(value);
        _arb_vec_clear(point, 9);
    }
    GR_TMP_CLEAR(x, q.ctx);
    quotient_clear(&q);
}

/* A diagonal of zeros has no first pivot. The metric 2 F dx dy has the scalar curvature -(2/F) d_x d_y log F. */
static void
test_indefinite(void ** state)
{
    space_struct s;
    (void) state;

    space_init(&s, 2);
    strcpy(s.g[0][1], "1 + x1^2");
    strcpy(s.g[1][0], "1 + x1^2");
    check_space(&s, 0, "0", T_TRUE, "0");
    strcpy(s.g[0][1], "1 + (x1 - x2)^2/4");
    strcpy(s.g[1][0], "1 + (x1 - x2)^2/4");
    check_space(&s, 0, "-1 + (x1 - x2)^2/(2*(1 + (x1 - x2)^2/4))", T_FALSE, NULL);
}

/* The two forms of Burgers' equation differ if the geometry is another one's. */
static void
test_wrong_geometry(void ** state)
{
    space_struct s;
    quotient_struct q;
    caustic_geometry_t geometry;
    caustic_text_t detail;
    (void) state;

    caustic_text_init(detail);
    gnomonic(&s, 2);
    open_space(&q, &s, 0);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);

    for (int which = 0; which < 3; which++)
    {
        gr_mat_t cometric, drift;

        gr_mat_init(cometric, 2, 2, q.ctx);
        gr_mat_init(drift, 2, 1, q.ctx);
        assert_int_equal(gr_mat_set(cometric, q.cometric, q.ctx), GR_SUCCESS);
        assert_int_equal(gr_mat_set(drift, q.drift, q.ctx), GR_SUCCESS);
        if (which == 0)
            assert_int_equal(gr_mul_si(gr_mat_entry_ptr(cometric, 1, 1, q.ctx), gr_mat_entry_srcptr(cometric, 1, 1, q.ctx), 2, q.ctx), GR_SUCCESS);
        if (which == 1)
            assert_int_equal(gr_add_si(gr_mat_entry_ptr(drift, 1, 0, q.ctx), gr_mat_entry_srcptr(drift, 1, 0, q.ctx), 1, q.ctx), GR_SUCCESS);
        if (which == 2) /* no curvature */
            assert_int_equal(gr_mat_zero(geometry->ricci, q.ctx), GR_SUCCESS);

        caustic_text_reset(detail);
        assert_int_equal(caustic_equations_check_covariant(detail, cometric, drift, geometry), CAUSTIC_REFUTED);
        assert_non_null(strstr(detail->data, which == 0 ? "squares" : which == 1 ? "first derivatives" : "v itself"));
        gr_mat_clear(cometric, q.ctx);
        gr_mat_clear(drift, q.ctx);
    }

    caustic_geometry_clear(geometry);
    quotient_clear(&q);
    caustic_text_clear(detail);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_curvature),
        cmocka_unit_test(test_parallel_curvature),
        cmocka_unit_test(test_sign_of_curvature),
        cmocka_unit_test(test_curvature_everywhere),
        cmocka_unit_test(test_raised_hessian),
        cmocka_unit_test(test_curvature_tensor),
        cmocka_unit_test(test_generators),
        cmocka_unit_test(test_neurons),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_power_sums),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_charts),
        cmocka_unit_test(test_potential),
        cmocka_unit_test(test_potential_of_head),
        cmocka_unit_test(test_no_geometry),
        cmocka_unit_test(test_determinant),
        cmocka_unit_test(test_indefinite),
        cmocka_unit_test(test_wrong_geometry),
    };
    const char * seed = getenv("CAUSTIC_TEST_SEED");
    ulong value = (seed != NULL) ? strtoul(seed, NULL, 10) : 1;
    int failures;

    printf("CAUSTIC_TEST_SEED=%lu\n", value);
    flint_rand_init(random_state);
    flint_rand_set_seed(random_state, value, value + 1);
    failures = cmocka_run_group_tests_name("geometry", tests, NULL, NULL);
    flint_rand_clear(random_state);

    flint_cleanup_master();
    return failures;
}
