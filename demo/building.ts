/** What stands in the demo building. Minutes and euro cents. */
export const building = {
  company: 'Bright Laundry',
  washer: 'Washer 1',
  entrance: 'Gym entrance',
  location: { name: 'Bright Laundry, Harbour Street', address: 'Harbour Street 12', timeZone: 'Europe/Berlin' },
  devices: [
    {
      name: 'Washer 1',
      description: 'Front-loader, 7 kg',
      load: { watts: 2050 },
      password: null,
      plans: [
        { name: 'Quick rinse', duration: 1, delayMinutes: 0, price: 100 },
        { name: 'Quick rinse, load first', duration: 1, delayMinutes: 1, price: 100 },
        { name: 'Standard wash', duration: 60, delayMinutes: 5, price: 250 },
      ],
    },
    {
      name: 'Washer 2',
      description: 'Front-loader, 11 kg',
      load: { watts: 2350 },
      password: null,
      plans: [
        { name: 'Standard wash', duration: 60, delayMinutes: 5, price: 350 },
        { name: 'Hot wash', duration: 90, delayMinutes: 5, price: 450 },
      ],
    },
    {
      name: 'Dryer',
      description: 'Up to 8 kg',
      load: { watts: 2400 },
      password: 'dryer-relay-password',
      plans: [{ name: 'Dry', duration: 45, delayMinutes: 2, price: 200 }],
    },
    {
      name: 'Massage chair',
      description: 'Free for guests of the laundry',
      load: { watts: 180 },
      password: null,
      plans: [{ name: 'Ten minutes', duration: 10, delayMinutes: 0, price: 0 }],
    },
  ],
  gym: { name: 'Bright Gym, Harbour Street', address: 'Harbour Street 14', timeZone: 'Europe/Berlin' },
  gateways: ['Gym hall'],
  /** Each with a lock of its name, and all at the gym. `gateway` null: nothing but a phone beside it reaches the lock. */
  doors: [
    {
      name: 'Gym entrance',
      description: 'Day ticket: 24 hours from now',
      lock: { gateway: 'Gym hall', camera: false, battery: 88 },
      price: 900,
      duration: 24 * 60,
      forGuests: true,
    },
    {
      name: 'Sauna',
      description: 'Two hours',
      lock: { gateway: 'Gym hall', camera: true, battery: 71 },
      price: 600,
      duration: 120,
      forGuests: true,
    },
    {
      name: 'Bike cellar',
      description: 'A place for one bike until tomorrow',
      lock: { gateway: null, camera: false, battery: 64 },
      price: 150,
      duration: 24 * 60,
      forGuests: true,
    },
    {
      name: 'Staff room',
      description: 'For staff alone',
      lock: { gateway: 'Gym hall', camera: false, battery: 12 },
      price: 500,
      duration: 60,
      forGuests: false,
    },
  ],
  people: [{ name: 'Anna Keller', door: 'Staff room', pin: '482913' }],
} as const;
