# What Hub uses of Twilio's library, which says of itself that it is typed and is not.
