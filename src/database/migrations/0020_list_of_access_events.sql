-- Who looks through events looks for what was denied: few of many.

create index access_events_denied on access_events (organization_id, at desc, id desc) where decision = 'denied';
