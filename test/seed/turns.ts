/**
 * How long the program stands still: the longest stretch of work in which no timer had its turn, in CPU time of this thread. The wall clock would count
 * what other programs on the machine take away, and fail on a busy one.
 */
export function watchTurns(): { stop: () => { longestMs: number } } {
  let last = process.threadCpuUsage();
  let longest = 0;
  const look = (): void => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, now.user + now.system - last.user - last.system);
    last = now;
  };
  const timer = setInterval(look, 5);
  return {
    stop() {
      clearInterval(timer);
      look();
      return { longestMs: longest / 1000 };
    },
  };
}
