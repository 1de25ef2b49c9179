/** The product's mark: three layers. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" fill="none" className={className}>
      <path
        d="M3.5 16.2 12 20.5l8.5-4.3M3.5 11.8 12 16.1l8.5-4.3M12 3.5l8.5 4.1L12 11.7 3.5 7.6z"
        stroke="currentColor"
        strokeWidth="1.9"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
