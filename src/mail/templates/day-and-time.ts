/** A moment in a mail, whose reader may be anywhere: the day in words, and the time of UTC. */
export const DAY_AND_TIME: Intl.DateTimeFormatOptions = {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
};
