/** Asks again and again until the answer is yes. */
export async function until(yes: () => Promise<boolean>, patienceMs = 240_000): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await yes())) {
    if (Date.now() > end) throw new Error(`not within ${patienceMs} ms: ${yes}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
