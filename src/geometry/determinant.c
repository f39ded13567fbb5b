/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "geometry/fractions.h"

#define DETERMINANT_TERMS 200000

typedef struct
{
    numerators_t ring;
    slong n;
    fractions_t entry;     /* [i][j] */
    gr_ptr characteristic;/* coefficients of det(x - a), the highest first, for the leading block so far */
    gr_ptr toeplitz;
    gr_ptr column, image;
}
berkowitz_struct;

static gr_ptr
place(gr_ptr vector, slong i, const berkowitz_struct * b)
{
    return GR_ENTRY(vector, i, b->ring->ring->sizeof_elem);
}

/* For the leading block of size r + 1 with last row R, last column C and corner a: the column
   1, -a, -R C, -R M C, ..., -R M^{r-1} C, M being the leading block of size r. */
static int
toeplitz_column(berkowitz_struct * b, slong r)
{
    slong n = b->n;
    int status = gr_one(place(b->toeplitz, 0, b), b->ring->ring);

    status |= gr_neg(place(b->toeplitz, 1, b), fractions_numerator(b->entry, r * n + r, b->ring), b->ring->ring);
    for (slong i = 0; i < r; i++)
        status |= gr_set(place(b->column, i, b), fractions_numerator(b->entry, i * n + r, b->ring), b->ring->ring);

    for (slong k = 0; k < r && status == GR_SUCCESS; k++)
    {
        gr_ptr sum = place(b->toeplitz, k + 2, b);

        status |= gr_zero(sum, b->ring->ring);
        for (slong i = 0; i < r && status == GR_SUCCESS; i++)
            status |= numerators_add_product(sum, fractions_numerator(b->entry, r * n + i, b->ring), place(b->column, i, b), -1, b->ring);

        for (slong i = 0; i < r && k + 1 < r && status == GR_SUCCESS; i++)
        {
            status |= gr_zero(place(b->image, i, b), b->ring->ring);
            for (slong j = 0; j < r && status == GR_SUCCESS; j++)
                status |= numerators_add_product(place(b->image, i, b), fractions_numerator(b->entry, i * n + j, b->ring),
                    place(b->column, j, b), 1, b->ring);
        }
        FLINT_SWAP(gr_ptr, b->column, b->image);
    }

    return status;
}

/* The characteristic polynomial of the leading blocks, one after the other (Berkowitz 1984). */
static int
berkowitz(berkowitz_struct * b)
{
    int status = gr_one(place(b->characteristic, 0, b), b->ring->ring);

    for (slong r = 0; r < b->n && status == GR_SUCCESS; r++)
    {
        gr_ptr next = gr_heap_init_vec(r + 2, b->ring->ring);

        status |= toeplitz_column(b, r);
        /* of the last one only the constant coefficient is wanted */
        for (slong i = (r + 1 == b->n) ? r + 1 : 0; i <= r + 1; i++)
            for (slong j = 0; j <= FLINT_MIN(i, r) && status == GR_SUCCESS; j++)
                status |= numerators_add_product(place(next, i, b), place(b->toeplitz, i - j, b),
                    place(b->characteristic, j, b), 1, b->ring);
        for (slong i = 0; i <= r + 1; i++)
            gr_swap(place(b->characteristic, i, b), place(next, i, b), b->ring->ring);
        gr_heap_clear_vec(next, r + 2, b->ring->ring);
    }

    return status;
}

int
caustic_geometry_determinant(gr_ptr res, const gr_mat_t matrix, gr_ctx_t ctx)
{
    const gr_mat_struct * given = matrix;
    slong n = matrix->r;
    berkowitz_struct b;
    fractions_t determinant;
    int status;

    numerators_init(b.ring, ctx, caustic_field_symbols(ctx), &given, 1);
    b.ring->terms_limit = DETERMINANT_TERMS;
    b.n = n;
    fractions_init(b.entry, n * n, b.ring);
    fractions_init(determinant, 1, b.ring);
    b.characteristic = gr_heap_init_vec(n + 1, b.ring->ring);
    b.toeplitz = gr_heap_init_vec(n + 2, b.ring->ring);
    b.column = gr_heap_init_vec(n + 1, b.ring->ring);
    b.image = gr_heap_init_vec(n + 1, b.ring->ring);

    status = fractions_set_matrix(b.entry, 0, matrix, b.ring);
    if (status == GR_SUCCESS)
        status |= berkowitz(&b);
    for (slong i = 0; i < n && status == GR_SUCCESS; i++)
        status |= fractions_set_product_denominator(determinant, determinant, b.entry, b.ring);
    if (status == GR_SUCCESS)
    {
        gr_ptr constant = place(b.characteristic, n, &b);

        status |= (n % 2 == 0) ? gr_set(fractions_numerator(determinant, 0, b.ring), constant, b.ring->ring)
            : gr_neg(fractions_numerator(determinant, 0, b.ring), constant, b.ring->ring);
        status |= fractions_get(res, determinant, 0, b.ring);
    }

    gr_heap_clear_vec(b.characteristic, n + 1, b.ring->ring);
    gr_heap_clear_vec(b.toeplitz, n + 2, b.ring->ring);
    gr_heap_clear_vec(b.column, n + 1, b.ring->ring);
    gr_heap_clear_vec(b.image, n + 1, b.ring->ring);
    fractions_clear(b.entry, b.ring);
    fractions_clear(determinant, b.ring);
    numerators_clear(b.ring);
    return (status == GR_SUCCESS) ? GR_SUCCESS : GR_UNABLE;
}
