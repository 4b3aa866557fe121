/** Seconds since 1970 as a date, in UTC (the proleptic Gregorian calendar, as POSIX counts: every day has 86,400 seconds). */

export class CalendarTime {
  year: i32 = 1970;
  /** 1 to 12, 1 to 31. */
  month: i32 = 1;
  day: i32 = 1;
  hour: i32 = 0;
  minute: i32 = 0;
  second: i32 = 0;
  /** 0 is Sunday. */
  weekday: i32 = 4;
}

const DAY_SECONDS = 86400n;
const DAYS_TO_MARCH_OF_YEAR_0 = 719468;

export function toCalendar(seconds: u64, result: CalendarTime): void {
  const days = i32(seconds / DAY_SECONDS);
  const rest = i32(seconds % DAY_SECONDS);
  result.hour = rest / 3600;
  result.minute = (rest / 60) % 60;
  result.second = rest % 60;
  result.weekday = (days + 4) % 7;
  // Count from March, so that a leap day is the last of its year, and in eras of 400 years, which are all alike.
  const shifted = days + DAYS_TO_MARCH_OF_YEAR_0;
  const era = shifted / 146097;
  const dayOfEra = shifted % 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  result.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  result.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  result.year = yearOfEra + era * 400 + (result.month <= 2 ? 1 : 0);
}

/** 1 to 12. */
export function monthName(month: i32): string {
  switch (month) {
    case 1:
      return "Jan";
    case 2:
      return "Feb";
    case 3:
      return "Mar";
    case 4:
      return "Apr";
    case 5:
      return "May";
    case 6:
      return "Jun";
    case 7:
      return "Jul";
    case 8:
      return "Aug";
    case 9:
      return "Sep";
    case 10:
      return "Oct";
    case 11:
      return "Nov";
    default:
      return "Dec";
  }
}

/** 0 is Sunday. */
export function weekdayName(weekday: i32): string {
  switch (weekday) {
    case 0:
      return "Sun";
    case 1:
      return "Mon";
    case 2:
      return "Tue";
    case 3:
      return "Wed";
    case 4:
      return "Thu";
    case 5:
      return "Fri";
    default:
      return "Sat";
  }
}
