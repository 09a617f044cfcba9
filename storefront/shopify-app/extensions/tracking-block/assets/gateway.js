/** The gateway of this app; both extensions read it here, and `npm run configure` writes it. */
export const GATEWAY = 'https://doorstep.example';
