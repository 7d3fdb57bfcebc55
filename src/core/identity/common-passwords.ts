// What is guessed first: passwords that public analyses of leaks name most often, in several languages, and words
// that belong to this app. Small on purpose; the estimate treats whatever else looks like a word as one.

const WORDS = `
password passwort motdepasse contrasena parola wachtwoord senha haslo lozinka salasana geheim secret letmein welcome
willkommen bienvenue admin administrator root user guest login master test testing changeme default access
qwerty qwertyuiop qwertz azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx 1q2w3e4r 1qaz2wsx q1w2e3r4 abc123 a1b2c3
123456 1234567 12345678 123456789 1234567890 12345 1234 111111 000000 121212 123123 654321 666666 696969 112233
987654321 159753 147258369 102030 131313 222222 555555 777777 888888 999999 2000 1990
iloveyou iloveu loveyou teamo jetaime tequiero ichliebedich love lover sexy hottie princess prinzessin angel angels
sunshine shadow monkey dragon superman batman spiderman pokemon naruto starwars matrix ninja samurai tiger lion
football soccer fussball baseball basketball hockey liverpool arsenal chelsea barcelona realmadrid juventus bayern
michael jessica ashley daniel charlie thomas robert jordan jennifer michelle nicole anthony andrew joshua matthew
hannah maria anna sophie laura lisa julia max alexander martin peter stefan christian andreas sandra sabine
schatz schatzi hallo hello hallo123 hellokitty computer internet samsung apple google facebook linkedin youtube
flower blume rose cookie chocolate schokolade cheese banana pepper ginger summer sommer winter autumn spring
january february march april june july august september october november december monday friday
freedom freiheit liberte liberta libertad freedom1 trustno1 whatever nothing forever killer hunter ranger
maggie buster bailey lucky happy purple yellow orange silver golden diamond butterfly mustang corvette ferrari
mercedes porsche yamaha honda harley thunder jesus christ god heaven blessed family mother father mama papa
understory forest wald messenger chat passphrase mypassword newpassword correcthorsebatterystaple correct horse
battery staple tobeornottobe toor pass pass1 passw p4ss w0rd pw kennwort
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/u));
