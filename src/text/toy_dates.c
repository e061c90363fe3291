/* toy_dates.c - dates of 1900 to 2099 as people write them, to ISO 8601. Only forms with one meaning: none in which
 * day and month could be taken for each other.
 *
 * Links, in characters: digits of year, month and day to the same digits; a day of one digit, or in words, and a month
 * by name or Roman numeral, each character to both digits it makes. Weekdays, st/nd/rd/th, other words, blanks and
 * punctuation have no link. */
#include <string.h>

#include "text/toy.h"

/* %y year, %M month, %b short month, %B short month in capitals, %r Roman month, %m month of two digits, %d day, %D day
 * of two digits, %o 1st, %w first, %a weekday, %A short weekday. */
typedef struct Form {
  const char *pattern;
  bool skip_may; /* the form would be another one's in May, which is its own short name */
} Form;

static const Form forms[] = {
    {"%M %d, %y", false},     {"%M %o, %y", false},        {"%d %M %y", false},
    {"%o %M %y", false},      {"%o of %M %y", false},      {"the %o of %M, %y", false},
    {"%a, %M %d, %y", false}, {"%a, %d %M %y", false},     {"%a the %o of %M %y", false},
    {"%A, %d %b %y", false},  {"%b %d, %y", true},         {"%b. %d, %y", true},
    {"%d %b %y", true},       {"%d-%b-%y", false},         {"%D%B%y", false},
    {"%y %M %d", false},      {"%y/%m/%D", false},         {"%y.%m.%D", false},
    {"%y%m%D", false},        {"the %w of %M, %y", false}, {"%M the %w, %y", false},
    {"%d.%r.%y", false},
};

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const capitals[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
static const char *const romans[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};
static const char *const weekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const ordinals[] = {
    "first",         "second",       "third",         "fourth",       "fifth",        "sixth",          "seventh",
    "eighth",        "ninth",        "tenth",         "eleventh",     "twelfth",      "thirteenth",     "fourteenth",
    "fifteenth",     "sixteenth",    "seventeenth",   "eighteenth",   "nineteenth",   "twentieth",      "twenty-first",
    "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth",
    "twenty-ninth",  "thirtieth",    "thirty-first"};

enum { FIRST_YEAR = 1900, N_YEARS = 200, FIRST_WEEKDAY = 1 /* 1 January 1900 was a Monday */ };
/* Places in YYYY-MM-DD. */
enum { YEAR_AT = 0, MONTH_AT = 5, DAY_AT = 8 };

typedef struct Date {
  int year, month, day; /* month and day from 1 */
  int weekday;          /* 0 is Sunday */
} Date;

static bool leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int month_days(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && leap(year));
}

/* Days of a year or month that a form has. */
static int year_days(int year, bool skip_may) { return 365 + leap(year) - (skip_may ? 31 : 0); }

static int counted_days(int year, int month, bool skip_may) {
  return skip_may && month == 5 ? 0 : month_days(year, month);
}

static uint64_t size(int stratum) {
  uint64_t n = 0;
  for (int year = FIRST_YEAR; year < FIRST_YEAR + N_YEARS; year++)
    n += (uint64_t)year_days(year, forms[stratum].skip_may);
  return n;
}

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

/* Date number index, counting no day of May when skip_may. */
static Date date_at(int index, bool skip_may) {
  Date date = {FIRST_YEAR, 1, 0, 0};
  int passed = 0; /* days from the first to the first of this month */
  for (int n; index >= (n = year_days(date.year, skip_may)); date.year++) {
    index -= n;
    passed += 365 + leap(date.year);
  }
  for (int n; index >= (n = counted_days(date.year, date.month, skip_may)); date.month++) {
    index -= n;
    passed += month_days(date.year, date.month);
  }
  date.day = index + 1;
  date.weekday = (passed + index + FIRST_WEEKDAY) % 7;
  return date;
}

static void link_range(ToyPair *pair, int source, int target, int n) {
  for (int k = 0; k < n; k++) toy_link(pair, source, target + k);
}

/* Source and target characters are all ASCII: positions are bytes. */
static void add_name(ToyPair *pair, const char *text, size_t n, int target) {
  for (size_t k = 0; k < n; k++) link_range(pair, (int)(pair->source.n + k), target, 2);
  str_add(&pair->source, text, n);
}

static void add_digits(ToyPair *pair, int value, int width, int target) {
  int start = (int)pair->source.n;
  str_addf(&pair->source, "%0*d", width, value);
  for (int k = 0; k < width; k++) toy_link(pair, start + k, target + k);
}

static void add_day(ToyPair *pair, int day) {
  if (day >= 10) {
    add_digits(pair, day, 2, DAY_AT);
  } else {
    link_range(pair, (int)pair->source.n, DAY_AT, 2);
    str_addf(&pair->source, "%d", day);
  }
}

static const char *suffix(int day) {
  if (day / 10 == 1) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

static void add_whole_name(ToyPair *pair, const char *text, int target) { add_name(pair, text, strlen(text), target); }

static void add_field(ToyPair *pair, char code, const Date *d) {
  switch (code) {
    case 'y':
      add_digits(pair, d->year, 4, YEAR_AT);
      break;
    case 'm':
      add_digits(pair, d->month, 2, MONTH_AT);
      break;
    case 'D':
      add_digits(pair, d->day, 2, DAY_AT);
      break;
    case 'd':
      add_day(pair, d->day);
      break;
    case 'o':
      add_day(pair, d->day), str_adds(&pair->source, suffix(d->day));
      break;
    case 'w':
      add_whole_name(pair, ordinals[d->day - 1], DAY_AT);
      break;
    case 'M':
      add_whole_name(pair, months[d->month - 1], MONTH_AT);
      break;
    case 'b':
      add_name(pair, months[d->month - 1], 3, MONTH_AT);
      break;
    case 'B':
      add_whole_name(pair, capitals[d->month - 1], MONTH_AT);
      break;
    case 'r':
      add_whole_name(pair, romans[d->month - 1], MONTH_AT);
      break;
    case 'a':
      str_adds(&pair->source, weekdays[d->weekday]);
      break;
    case 'A':
      str_add(&pair->source, weekdays[d->weekday], 3);
      break;
    default:
      CHECK(false, "toy dates: field %c", code);
  }
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  Date date = date_at((int)index, forms[stratum].skip_may);
  for (const char *p = forms[stratum].pattern; *p != '\0'; p++) {
    if (*p == '%') add_field(pair, *++p, &date);
    else str_addc(&pair->source, *p);
  }
  str_addf(&pair->target, "%04d-%02d-%02d", date.year, date.month, date.day);
}

extern const Toy toy_dates;
const Toy toy_dates = {sizeof forms / sizeof *forms, size, weight, make};
