/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    preset: what the functions that write presets share. Each writes the setting of one unit with the
    calls below, as one would write it out in a case file; none knows anything of the quotient's
    equations.
*/

#ifndef CAUSTIC_PRESET_H
#define CAUSTIC_PRESET_H

#include <caustic/architectures.h>

#define PRESET_OPTIONS 5
#define PRESET_NUMBER 10000     /* the largest integer of most keys */
#define PRESET_COPIES 1000000
#define PRESET_PARAMETERS 2000  /* settings hold dense matrices: 2000 parameters take 16 MB a matrix */
#define PRESET_WRITTEN_OUT 24   /* larger vectors w are written in polar coordinates, |w| times the unit sphere */
#define PRESET_LAYERS 24        /* of a network: a letter a layer, m and z being those of coordinates */
#define PRESET_LETTERS "abcdefghijklnopqrstuvwxy"
#define PRESET_MINOR 8          /* the largest determinant that is written out */

/* The value of a key, given or not. */
typedef struct
{
    slong integer;      /* an integer, the index of a word, or 0 and 1 for false and true */
    const slong * list; /* of a list of integers */
    slong length;
    slong line;         /* of the key, or of the kind where the key was left out */
    slong column;
}
preset_value;

/* A matrix of expressions; its memory is the writer's. */
typedef struct
{
    slong rows;
    slong columns;
    caustic_expr * entry;
}
preset_matrix;

#define ENTRY(m, i, j) ((m).entry[(i) * (m).columns + (j)])

/* A setting that is being written. */
typedef struct
{
    caustic_setting_struct * setting;
    caustic_pool * pool;
    const preset_value * option;
    const char * kind;
    slong parameters;       /* declared so far */
    slong coordinates;
    caustic_text_t words;   /* Theta, the group, the metric, the stratum, in words */
    caustic_text_t name;
    void ** kept;           /* freed with the writer */
    slong kept_length;
    caustic_error_struct * error;
    const caustic_origin * origin;
    caustic_result result;  /* the first failure */
}
preset_writer;

/* Presets ************************************************************************************/

void write_relu_chain(preset_writer * writer);
void write_relu_neuron(preset_writer * writer);
void write_relu_layer(preset_writer * writer);
void write_relu_network(preset_writer * writer);
void write_tanh_layer(preset_writer * writer);
void write_conv_relu(preset_writer * writer);
void write_softmax_bias(preset_writer * writer);
void write_linear_network(preset_writer * writer);
void write_attention(preset_writer * writer);
void write_batchnorm(preset_writer * writer);
void write_layernorm(preset_writer * writer);
void write_particles(preset_writer * writer);

/* Limits *************************************************************************************/

/* Fails at the option's place, with a message that goes on from "the preset 'kind' ". */
void preset_refuse(preset_writer * writer, slong option, const char * format, ...) CAUSTIC_PRINTF(3, 4);
/* Whether so many parameters can be held; refuses the preset at an option otherwise. */
int preset_fits(preset_writer * writer, slong option, slong parameters, slong most) CAUSTIC_MUST_USE;

/* Writing ************************************************************************************/

/* Makes room: a metric and generators of zeros, elements that move nothing. To be called once, first. */
void preset_begin(preset_writer * writer, slong parameters, slong generators, slong elements, slong coordinates);

/* "w" where there is one, "w3" among several. */
const char * preset_name(preset_writer * writer, const char * letter, slong i, slong length);
/* "m23", or "m0203" in a matrix with a side longer than nine. */
const char * preset_entry_name(preset_writer * writer, const char * letter, slong i, slong j, slong rows, slong columns);

/* The next parameter, on the whole line or on (0, inf). */
caustic_expr preset_parameter(preset_writer * writer, const char * name, int positive);
/* The next coordinate, an invariant. */
caustic_expr preset_coordinate(preset_writer * writer, const char * name, caustic_expr is, int positive);

/* An entry of the inverse metric and its mirror image. */
void preset_metric(preset_writer * writer, slong a, slong b, caustic_expr e);
void preset_generator(preset_writer * writer, slong generator, slong a, caustic_expr e);
void preset_element(preset_writer * writer, slong element, slong a, caustic_expr e);
void preset_section(preset_writer * writer, slong a, caustic_expr e);
/* e is not zero on the stratum. */
void preset_stratum(preset_writer * writer, caustic_expr e);
/* A factor S^dimension that the group leaves in place: the directions of a vector of weights whose length is that parameter. */
void preset_sphere(preset_writer * writer, slong dimension, slong radius);
void preset_say(preset_writer * writer, const char * format, ...) CAUSTIC_PRINTF(2, 3);
/* What there is to say where the setting is one of so many units. */
void preset_copies(preset_writer * writer, slong copies, const char * unit);

/* Expressions ********************************************************************************/

caustic_expr preset_integer(preset_writer * writer, slong value);
/* A product that is 0 where a factor is, also where the other has a denominator. */
caustic_expr preset_times(preset_writer * writer, caustic_expr a, caustic_expr b);
caustic_expr preset_sum_of_squares(preset_writer * writer, const caustic_expr * x, slong length);
/* Room for so many expressions or numbers, kept until the preset is written. */
caustic_expr * preset_room(preset_writer * writer, slong length);
slong * preset_numbers(preset_writer * writer, slong length);

preset_matrix matrix_new(preset_writer * writer, slong rows, slong columns); /* of zeros */
preset_matrix matrix_identity(preset_writer * writer, slong n);
preset_matrix matrix_transpose(preset_writer * writer, preset_matrix a);
preset_matrix matrix_product(preset_writer * writer, preset_matrix a, preset_matrix b);
/* The block of so many rows and columns that begins at (row, column). */
preset_matrix matrix_block(preset_writer * writer, preset_matrix a, slong row, slong column, slong rows, slong columns);
/* Both for at most PRESET_MINOR rows. */
caustic_expr matrix_determinant(preset_writer * writer, preset_matrix a);
preset_matrix matrix_adjugate(preset_writer * writer, preset_matrix a);
/* a / divisor, entry by entry. */
preset_matrix matrix_over(preset_writer * writer, preset_matrix a, caustic_expr divisor);
/* det(A A^T) of a matrix with at most as many rows as columns, as a sum of squares where there are few minors. */
caustic_expr matrix_gram_determinant(preset_writer * writer, preset_matrix a);

#endif
