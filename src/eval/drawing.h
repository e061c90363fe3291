/* drawing.h - a drawing as a list of shapes, in the order they are painted: what a picture shows, before any font or
 * file is asked. Units are points (1/72 inch), x to the right, y down.
 *
 * A Drawing belongs to its caller and to one thread; zero-initialised it is empty and ready, drawing_free ends it. */
#ifndef EVAL_DRAWING_H
#define EVAL_DRAWING_H

#include "eval/heatmap.h"
#include "text/tokens.h"

typedef enum DrawingKind { DRAWING_BOX, DRAWING_OUTLINE, DRAWING_DASHES, DRAWING_TEXT } DrawingKind;
typedef enum DrawingAlign { DRAWING_START, DRAWING_MIDDLE, DRAWING_END } DrawingAlign;
typedef enum DrawingStyle { DRAWING_REGULAR, DRAWING_BOLD, DRAWING_ITALIC } DrawingStyle;

typedef struct DrawingShape {
  DrawingKind kind;
  HeatmapColour colour;
  double x, y, width, height; /* a text: where it is anchored */
  double line;                /* width of an outline's line */
  /* Of a text: */
  int text; /* in texts */
  double size, degrees;
  DrawingAlign align; /* which part of the text is at x, y; always the middle of its height */
  DrawingStyle style;
} DrawingShape;

typedef struct Drawing {
  double width, height;
  DrawingShape *shapes;
  int n, cap;
  Tokens texts;
} Drawing;

/* Adds the shape; text (NULL unless it is a text) is copied. */
void drawing_add(Drawing *drawing, DrawingShape shape, const char *text);
void drawing_box(Drawing *drawing, HeatmapColour colour, double x, double y, double width, double height);
void drawing_clear(Drawing *drawing); /* keeps the memory */
void drawing_free(Drawing *drawing);

#endif
